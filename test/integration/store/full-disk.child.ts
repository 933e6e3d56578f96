/**
 * Fills the small disk that the folder on the command line lies on, and prints, as one JSON
 * document, what the store said and what was left. Run by `full-disk.test.ts`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createBallast, releaseBallast, restoreBallast } from '#core/store/ballast.ts';
import { openBlobStore } from '#core/store/blobs.ts';
import { createDatabases, openDatabases } from '#core/store/databases.ts';
import { asCustosError } from '#core/store/errors.ts';
import { writeFileDurably } from '#core/store/files.ts';
import { getMeta, setMeta } from '#core/store/meta.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('name a folder');

const keys = { db: randomBytes(32), content: randomBytes(32), name: randomBytes(32), epoch: 1 };
createDatabases(dir, keys);
createBallast(dir);
const blobs = openBlobStore(dir, keys);
const { catalogue, close } = openDatabases(dir, keys);
setMeta(catalogue, 'before', 'kept');

/** Repeats `work` until it fails; answers with the failure's code. */
async function untilFull(work: (turn: number) => Promise<void> | void): Promise<string> {
  for (let turn = 0; turn < 10_000; turn++) {
    try {
      await work(turn);
    } catch (error) {
      return asCustosError(error, 'filling the disk').code;
    }
  }
  return 'never full';
}

const kept: Buffer[] = [];
const sealing = await untilFull(async () => {
  const bytes = randomBytes(400_000);
  const hash = createHash('sha256').update(bytes).digest();
  await blobs.commit(await blobs.seal(bytes), hash);
  kept.push(hash);
});
const leftInTmp = readdirSync(path.join(dir, 'tmp')).length;

let lastWritten = -1;
const writing = await untilFull((turn) => {
  setMeta(catalogue, 'turn', `${String(turn)} ${'x'.repeat(20_000)}`);
  lastWritten = turn;
});
const plainFile = await untilFull((turn) => {
  writeFileDurably(path.join(dir, `filler-${String(turn)}`), randomBytes(100_000));
});
const ballastInPlace = restoreBallast(dir);

releaseBallast(dir);
const afterRelease = await untilFull((turn) => {
  if (turn === 20) throw new Error('room for all of them');
  setMeta(catalogue, `entry ${String(turn)}`, 'written on a full disk');
});
const restoredTooEarly = restoreBallast(dir);
close();

const again = openDatabases(dir, keys);
const reopened = openBlobStore(dir, keys);
let readable = 0;
for (const hash of kept) {
  await reopened.read(hash);
  readable++;
}
process.stdout.write(
  JSON.stringify({
    sealing,
    leftInTmp,
    sealed: kept.length,
    readable,
    writing,
    lastTurnKept: getMeta(again.catalogue, 'turn')?.startsWith(`${String(lastWritten)} `) ?? false,
    before: getMeta(again.catalogue, 'before'),
    plainFile,
    ballastInPlace,
    afterRelease,
    lastEntry: getMeta(again.catalogue, 'entry 19'),
    restoredTooEarly,
  }),
);
again.close();
