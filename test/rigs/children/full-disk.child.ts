/**
 * On a small disk of its own, named on the command line: once for each level, fills all but so
 * many bytes, opens, works until nothing goes any more, and looks what is left. Says one line of
 * JSON for each level.
 */
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { releaseBallast } from '#core/store/ballast.ts';
import { seeded, tally } from '../rig.ts';
import { acknowledging, type Acknowledged } from '../support/acknowledge.ts';
import { given, say } from '../support/inside.ts';
import { create, examine, newPlace, readEverything, unlock, untyped } from '../support/place.ts';
import { decideAll, importFolder, makeCase, writeSources } from '../support/work.ts';

interface Given {
  /** The disk. */
  at: string;
  /** A folder on another one. */
  sources: string;
  /** Bytes left free. */
  levels: number[];
  seed: number;
}

export interface LevelReport {
  level: number;
  acknowledged: number;
  lost: number;
  undetected: number;
  findings: string[];
  /** Codes of what failed, in order. */
  codes: string[];
  /** Whether it opens with no byte free once its ballast was taken away before: the control. */
  withoutBallast: string;
}

/** Imports and decisions tried at most; a level is over when they fail this often, too. */
const ROUNDS = 40;
const FAILURES = 4;

const want = given<Given>();
const random = seeded(want.seed);
let sourceFolders = 0;
for (const level of want.levels) say(`level ${JSON.stringify(await atLevel(level))}`);

function sources(count: number): string {
  const prefix = `full-${String(sourceFolders++)}`;
  return writeSources(path.join(want.sources, prefix), { prefix, count }, random);
}

async function atLevel(level: number): Promise<LevelReport> {
  const place = newPlace(path.join(want.at, 'level'));
  const filler = path.join(want.at, 'filler');
  const found = tally();
  const codes: string[] = [];
  const acknowledged: Acknowledged[] = [];
  const failed = (error: unknown): void => {
    const why = untyped(error);
    if (why !== null) found.miss(`${String(level)} bytes free: ${why}`);
    codes.push(isCustosError(error) ? error.code : 'INTERNAL');
  };
  await create(place);
  let session = await unlock(place);
  const tell = (what: Acknowledged): number => acknowledged.push(what);
  const caseId = makeCase(session, place.ports);
  const before = acknowledging(session, tell, false);
  await importFolder(before, place.ports, { caseId, folder: sources(6) });
  decideAll(before, caseId);
  session.close('command');

  fill(filler, level);
  try {
    session = await unlock(place);
  } catch (error) {
    failed(error);
    found.lose(`${String(level)} bytes free: it does not open: ${String(error)}`);
    rmSync(place.folder, { recursive: true });
    rmSync(filler);
    return { level, ...counts(), codes, withoutBallast: 'not tried' };
  }
  const watched = acknowledging(session, tell, false);
  for (let round = 0; round < ROUNDS && codes.length < FAILURES; round += 1) {
    try {
      const folder = sources(24);
      await importFolder(watched, place.ports, { caseId, folder });
    } catch (error) {
      failed(error);
    }
    try {
      decideAll(watched, caseId);
    } catch (error) {
      failed(error);
    }
  }
  session.close('command');
  await examine(place, acknowledged, found, `after work with ${String(level)} bytes free`);
  await readEverything(place, found, `after work with ${String(level)} bytes free`);

  // The control: nobody kept room for this moment.
  releaseBallast(place.dir);
  fill(`${filler}-2`, 0);
  let withoutBallast = 'opened';
  try {
    (await unlock(place)).close('command');
  } catch (error) {
    withoutBallast = isCustosError(error) ? error.code : 'INTERNAL';
    const why = untyped(error);
    if (why !== null) found.miss(`without ballast: ${why}`);
  }
  rmSync(filler);
  rmSync(`${filler}-2`);
  await examine(place, acknowledged, found, 'with room again');
  rmSync(place.folder, { recursive: true });
  return { level, ...counts(), codes, withoutBallast };

  function counts(): Pick<LevelReport, 'acknowledged' | 'lost' | 'undetected' | 'findings'> {
    const { acknowledged: held, lost, undetected, findings } = found;
    return { acknowledged: held, lost, undetected, findings };
  }
}

/** Writes a file until `left` bytes are free. */
function fill(file: string, left: number): void {
  const fd = openSync(file, 'w');
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(want.at);
      const room = bavail * bsize - left;
      if (room < bsize) return;
      writeSync(fd, Buffer.alloc(Math.min(room, 1024 * 1024), 1));
    }
  } finally {
    closeSync(fd);
  }
}
