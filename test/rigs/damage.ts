/**
 * Damage of every kind to every kind of file, and states put back. Whatever is changed must be
 * found by opening or by a full scrub, and no original may be read as anything but itself.
 *
 * Control of damage: the same flips in the same rows kept in a plain SQLite database, whose pages
 * carry no HMAC, must come through as other words without any error. Control of a state put back:
 * the databases opened without the record and this machine's memory must find nothing wrong.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { memberDirectory } from '#core/access/directory.ts';
import { readHeader } from '#core/access/key-files.ts';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { BALLAST_FILE } from '#core/store/ballast.ts';
import { CATALOGUE_FILE, openDatabases } from '#core/store/databases.ts';
import { openFile } from '#core/store/sqlite.ts';
import { beginScrub } from '#core/upkeep/scrub.ts';
import { isCustosError } from '#shared/domain/errors.ts';
import { addOriginals } from '../support/originals.ts';
import { makeWorkspace, realClock, testPorts, type TestWorkspace } from '../support/workspace.ts';
import { seeded, stopwatch, tally, type RigResult, type Tally } from './rig.ts';

const PAGE = 4096;
const SIZES = [1, 900, 5000, 280_000];
const WAYS = ['flip', 'cut', 'swap', 'splice'] as const;
type Way = (typeof WAYS)[number];
type Random = () => number;

/** Two states of one workspace, the later one with everything the earlier had, and free pages. */
interface Bed {
  workspace: TestWorkspace;
  /** Folders that hold `workspace` and `machine`, all closed. */
  earlier: string;
  later: string;
  /** The later state with a change in the log that has not reached the database. */
  open: string;
  keys: { db: Buffer; content: Buffer };
  /** SHA-256 and content of every original of the later state. */
  originals: { sha256: Buffer; bytes: Buffer }[];
  remove(): void;
}

const made = (random: Random, size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));

/** By a program of its own: closing a database here would drop the locks of whoever has it open. */
const copy = (from: string, to: string): void => {
  execFileSync('cp', ['-a', from, to]);
};

async function makeBed(random: Random): Promise<Bed> {
  const workspace = await makeWorkspace();
  const states = mkdtempSync(path.join(tmpdir(), 'custos-damage-'));
  const take = (name: string): string => {
    const to = path.join(states, name);
    execFileSync('mkdir', [to]);
    copy(workspace.dir, path.join(to, 'workspace'));
    copy(workspace.ports.machineDir, path.join(to, 'machine'));
    return to;
  };
  const add = async (session: Session): Promise<Bed['originals']> =>
    addOriginals(
      session,
      SIZES.map((size) => made(random, size)),
    );

  const first = await workspace.open();
  const originals = await add(first);
  const keys = { db: Buffer.from(first.keys.db), content: Buffer.from(first.keys.content!) };
  // A first scrub remembers the key files: later ones hold them against that.
  await scrub(first, workspace.ports.machineDir);
  workspace.close();
  const earlier = take('earlier');

  const second = await workspace.open();
  originals.push(...(await add(second)));
  second.act({ type: 'search.made', detail: {} }, (tx) => {
    tx.exec('CREATE TABLE spare (a TEXT)');
    for (let row = 0; row < 20; row++) {
      tx.prepare('INSERT INTO spare VALUES (?)').run('x'.repeat(3000));
    }
  });
  second.act({ type: 'search.made', detail: {} }, (tx) => tx.exec('DROP TABLE spare'));
  workspace.close();
  const later = take('later');

  const third = await workspace.open();
  await add(third);
  const open = take('open');
  workspace.close();
  return {
    workspace,
    earlier,
    later,
    open,
    keys,
    originals,
    remove() {
      rmSync(states, { recursive: true, force: true });
      workspace.remove();
    },
  };
}

async function scrub(session: Session, machineDir: string): Promise<boolean> {
  const { dir, id } = session.workspace;
  const watch = {
    signal: new AbortController().signal,
    setTotal: () => undefined,
    advance: () => undefined,
  };
  const started = beginScrub(
    {
      session,
      clock: realClock,
      verifyRecord: () =>
        verifyRecord(dir, {
          workspaceId: id,
          checkpointPublic: session.keys.checkpointPublic,
          recordPrivate: session.keys.recordPrivate,
          members: memberDirectory(readHeader(dir), session.catalogue),
          anchors: openAnchors(machineDir),
        }),
    },
    { kind: 'full', duty: 1, resume: false },
  );
  return (await started.run(watch)).good;
}

/** A copy to spoil; the ballast, 16 MB of nothing, is linked. */
function fresh(state: string): { folder: string; dir: string; machineDir: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'custos-trial-'));
  const from = path.join(state, 'workspace');
  cpSync(state, folder, {
    recursive: true,
    preserveTimestamps: true,
    filter: (file) => path.basename(file) !== BALLAST_FILE,
  });
  const dir = path.join(folder, 'workspace');
  linkSync(path.join(from, BALLAST_FILE), path.join(dir, BALLAST_FILE));
  return { folder, dir, machineDir: path.join(folder, 'machine') };
}

/**
 * Opens, scrubs, reads everything. Answers whether anybody said that something is wrong; bytes that
 * were read as what they are not are lost.
 */
async function isFound(
  bed: Bed,
  { dir, machineDir }: { dir: string; machineDir: string },
  found: Tally,
  when: string,
): Promise<boolean> {
  let session: Session;
  try {
    const password = bed.workspace.passwordOf('Ines Ortega');
    session = await openWorkspace(testPorts({ machineDir }), dir, 'Ines Ortega', password);
  } catch (error) {
    // A refusal counts where it is one of the product's own, and not where it is a surprise.
    if (!isCustosError(error) || error.code === 'INTERNAL') {
      found.miss(`${when}: refused without a word of its own: ${String(error)}`);
    }
    return true;
  }
  try {
    let isTold = session.readOnly !== null || session.notices.length > 0;
    isTold = !(await scrubOrTold(session, machineDir, found, when)) || isTold;
    for (const { sha256, bytes } of bed.originals) {
      found.acknowledged += 1;
      const read = await readOrNull(session, sha256);
      if (read !== null && !read.equals(bytes)) found.lose(`${when}: an original is another`);
    }
    return isTold;
  } finally {
    session.close('command');
  }
}

async function scrubOrTold(
  session: Session,
  machineDir: string,
  found: Tally,
  when: string,
): Promise<boolean> {
  try {
    return await scrub(session, machineDir);
  } catch (error) {
    if (!isCustosError(error) || error.code === 'INTERNAL') {
      found.miss(`${when}: the scrub broke: ${String(error)}`);
    }
    return false;
  }
}

async function readOrNull(session: Session, sha256: Buffer): Promise<Buffer | null> {
  try {
    return await session.blobs!.read(sha256);
  } catch (error) {
    if (isCustosError(error)) return null;
    throw error;
  }
}

/** Every kind of file that a workspace has, one of each. */
function kindsOf(dir: string): { kind: string; files: string[] }[] {
  const all = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  const pick = (kind: string, pattern: RegExp): { kind: string; files: string[] } => ({
    kind,
    files: all.filter((name) => pattern.test(name)),
  });
  return [
    pick('original', /\.evb$/),
    pick('catalogue', /^catalogue\.db$/),
    pick('small pictures', /^derived\.db$/),
    pick('record', /\.evl$/),
    pick('checkpoints', /checkpoints\.txt$/),
    pick('slot', /^keys\/[0-9a-f]{32}\.slot$/),
    pick('recovery slot', /recovery\.slot$/),
    pick('grant', /\.grant$/),
    pick('header', /^custos\.json$/),
  ];
}

/** Changes the file in one way, somewhere. False where there was nothing to change. */
function spoil(dir: string, files: string[], way: Way, random: Random): string | null {
  const pick = (limit: number): number => Math.floor(random() * limit);
  const name = files[pick(files.length)]!;
  const file = path.join(dir, name);
  const before = readFileSync(file);
  const after = Buffer.from(before);
  const write = (bytes: Buffer): void => writeFileSync(file, bytes);
  switch (way) {
    case 'flip':
      after[pick(after.length)]! ^= 1 << pick(8);
      write(after);
      break;
    case 'cut':
      write(after.subarray(0, pick(after.length)));
      break;
    case 'splice': {
      const place = pick(after.length);
      const from = pick(after.length);
      const piece = after.subarray(from, from + 1 + pick(500));
      write(Buffer.concat([after.subarray(0, place), piece, after.subarray(place)]));
      break;
    }
    case 'swap': {
      const other = files[pick(files.length)]!;
      if (other !== name) {
        renameSync(file, `${file}.x`);
        renameSync(path.join(dir, other), file);
        renameSync(`${file}.x`, path.join(dir, other));
        break;
      }
      const size = before.length >= 2 * PAGE ? PAGE : Math.max(1, Math.floor(before.length / 8));
      const blocks = Math.floor(before.length / size);
      const [a, b] = [pick(blocks) * size, pick(blocks) * size];
      before.copy(after, a, b, b + size);
      before.copy(after, b, a, a + size);
      write(after);
    }
  }
  const same = existsSync(file) && readFileSync(file).equals(before);
  return same ? null : `${way} of ${name}`;
}

async function damage(bed: Bed, trials: number, random: Random): Promise<RigResult> {
  const clock = stopwatch();
  const found = tally();
  const kinds = kindsOf(path.join(bed.later, 'workspace'));
  const counts = new Map<string, number>();
  for (let trial = 0; trial < trials; trial += 1) {
    const { kind, files } = kinds[trial % kinds.length]!;
    const way = WAYS[Math.floor(trial / kinds.length) % WAYS.length]!;
    const copyOf = fresh(bed.later);
    try {
      let what: string | null = null;
      while (what === null) what = spoil(copyOf.dir, files, way, random);
      if (!(await isFound(bed, copyOf, found, what))) found.miss(`${what}: nobody noticed`);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    } finally {
      rmSync(copyOf.folder, { recursive: true, force: true });
    }
  }
  return {
    rig: 'damage',
    trials,
    ...summaryOf(found),
    control: plainDatabase(trials, random),
    seconds: clock(),
    notes: [[...counts].map(([kind, count]) => `${kind} ${String(count)}`).join(', ')],
  };
}

/** Flips in a database without HMACs: how many come through as other words, without any error. */
function plainDatabase(trials: number, random: Random): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'custos-plain-'));
  const file = path.join(folder, 'plain.db');
  const words = Array.from({ length: 400 }, (_, row) =>
    createHash('sha256').update(String(row)).digest('hex').repeat(4),
  );
  try {
    const db = openFile(file, {});
    db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, words TEXT)');
    for (const text of words) db.prepare('INSERT INTO items (words) VALUES (?)').run(text);
    db.close();
    const good = readFileSync(file);
    let silent = 0;
    for (let trial = 0; trial < Math.max(trials, 20); trial += 1) {
      const bytes = Buffer.from(good);
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
      writeFileSync(file, bytes);
      if (isSilentlyWrong(file, words)) silent += 1;
    }
    return silent;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isSilentlyWrong(file: string, words: readonly string[]): boolean {
  const db = openFile(file, {});
  try {
    const read = db.prepare('SELECT words FROM items ORDER BY id').pluck().all();
    const isOk = db.pragma('integrity_check', { simple: true }) === 'ok';
    return isOk && read.some((text, row) => text !== words[row]);
  } catch {
    // An error is what this looks for: such a flip was not silent.
    return false;
  } finally {
    db.close();
  }
}

interface PutBack {
  rig: string;
  from: 'later' | 'open';
  /** Makes the trial's copy older in part. */
  change(bed: Bed, copyOf: { dir: string; machineDir: string }, random: Random): void;
  /** Whether whoever does not have the protection in question finds nothing wrong. */
  control(bed: Bed, dir: string): Promise<boolean> | boolean;
}

const older = (bed: Bed, name: string): string => path.join(bed.earlier, 'workspace', name);

const PUT_BACK: readonly PutBack[] = [
  {
    rig: 'log lost',
    from: 'open',
    change(_, { dir }) {
      for (const suffix of ['-wal', '-shm']) rmSync(path.join(dir, CATALOGUE_FILE + suffix));
    },
    control: databasesAreGood,
  },
  {
    rig: 'page put back',
    from: 'later',
    change(bed, { dir }, random) {
      const pages = changedPages(bed);
      putPageBack(bed, dir, pages[Math.floor(random() * pages.length)]!);
    },
    // Some such pages fit so well that SQLite itself minds nothing.
    control(bed, dir) {
      return changedPages(bed).some((page) => {
        cpSync(path.join(bed.later, 'workspace', CATALOGUE_FILE), path.join(dir, CATALOGUE_FILE));
        putPageBack(bed, dir, page);
        return databasesAreGood(bed, dir);
      });
    },
  },
  {
    rig: 'catalogue put back',
    from: 'later',
    change(bed, { dir }) {
      cpSync(older(bed, CATALOGUE_FILE), path.join(dir, CATALOGUE_FILE));
    },
    control: databasesAreGood,
  },
  {
    rig: 'record put back',
    from: 'later',
    change(bed, { dir }) {
      rmSync(path.join(dir, 'record'), { recursive: true });
      copy(older(bed, 'record'), path.join(dir, 'record'));
    },
    control: databasesAreGood,
  },
  {
    rig: 'workspace put back',
    from: 'later',
    change(bed, { dir }) {
      rmSync(dir, { recursive: true });
      copy(path.join(bed.earlier, 'workspace'), dir);
    },
    // The same on a machine that has never seen it: there is nobody who could know.
    async control(bed, dir) {
      const strange = mkdtempSync(path.join(tmpdir(), 'custos-stranger-'));
      try {
        const ports = testPorts({ machineDir: strange });
        const password = bed.workspace.passwordOf('Ines Ortega');
        const session = await openWorkspace(ports, dir, 'Ines Ortega', password);
        const isFooled = session.readOnly === null;
        session.close('command');
        return isFooled;
      } finally {
        rmSync(strange, { recursive: true, force: true });
      }
    },
  },
];

/** Pages of the catalogue, from 0, that are not in the later state what they were in the earlier. */
function changedPages(bed: Bed): number[] {
  const now = readFileSync(path.join(bed.later, 'workspace', CATALOGUE_FILE));
  const then = readFileSync(older(bed, CATALOGUE_FILE));
  const pageOf = (bytes: Buffer, page: number): Buffer =>
    bytes.subarray(page * PAGE, page * PAGE + PAGE);
  return [...Array(then.length / PAGE).keys()].filter(
    (page) => !pageOf(now, page).equals(pageOf(then, page)),
  );
}

function putPageBack(bed: Bed, dir: string, page: number): void {
  const file = path.join(dir, CATALOGUE_FILE);
  const now = readFileSync(file);
  const then = readFileSync(older(bed, CATALOGUE_FILE));
  then.copy(now, page * PAGE, page * PAGE, page * PAGE + PAGE);
  writeFileSync(file, now);
}

function databasesAreGood(bed: Bed, dir: string): boolean {
  try {
    const databases = openDatabases(dir, bed.keys);
    try {
      return databases.catalogue.pragma('integrity_check', { simple: true }) === 'ok';
    } finally {
      databases.close();
    }
  } catch (error) {
    if (isCustosError(error)) return false;
    throw error;
  }
}

async function putBack(
  bed: Bed,
  { rig, from, change, control }: PutBack,
  trials: number,
  random: Random,
): Promise<RigResult> {
  const clock = stopwatch();
  const found = tally();
  let fooled = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const copyOf = fresh(bed[from]);
    try {
      change(bed, copyOf, random);
      const bare = `${copyOf.dir}-bare`;
      copy(copyOf.dir, bare);
      if (await control(bed, bare)) fooled += 1;
      if (!(await isFound(bed, copyOf, found, rig))) found.miss(`${rig}: nobody noticed`);
    } finally {
      rmSync(copyOf.folder, { recursive: true, force: true });
    }
  }
  return { rig, trials, ...summaryOf(found), control: fooled, seconds: clock() };
}

function summaryOf({
  acknowledged,
  lost,
  undetected,
  findings,
}: Tally): Pick<RigResult, 'acknowledged' | 'lost' | 'undetected' | 'findings'> {
  return { acknowledged, lost, undetected, findings };
}

/** `trials`: damages; each way of putting back is tried a twentieth as often, and at least twice. */
export async function run(trials: number, seed = 1): Promise<RigResult[]> {
  const random = seeded(seed);
  const bed = await makeBed(random);
  try {
    const results = [await damage(bed, trials, random)];
    for (const way of PUT_BACK) {
      results.push(await putBack(bed, way, Math.max(2, Math.ceil(trials / 20)), random));
    }
    return results;
  } finally {
    bed.remove();
  }
}
