/**
 * Opens the workspace it is given and works in it, tiny import after tiny import, until it is
 * ended from outside, or for `rounds`. With `create` it makes the workspace first.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Session } from '#core/access/types.ts';
import { testPorts } from '../../support/workspace.ts';
import { seeded } from '../rig.ts';
import { acknowledging } from '../support/acknowledge.ts';
import { given, say, sayFailed, waitToGo } from '../support/inside.ts';
import { create, unlock } from '../support/place.ts';
import { decideAll, importFolder, makeCase, writeSources } from '../support/work.ts';

interface Given {
  dir: string;
  machineDir: string;
  /** Folder for made-up sources; not on the disk under attack. */
  sources: string;
  /** Distinguishes this process's pictures from all others'. */
  name: string;
  seed: number;
  early?: boolean;
  create?: boolean;
  rounds?: number;
  files?: number;
  /** Files prepared at once: with 1 the order of system calls is the same every time. */
  slots?: number;
}

const want = given<Given>();
const random = seeded(want.seed);
const ports = testPorts({ machineDir: want.machineDir });
const place = { ports, dir: want.dir };
let session: Session | null = null;

async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    sayFailed(name, error);
    // As every host does when a command fails: what is open is closed in good order.
    session?.close('closed');
    process.exit(3);
  }
}

function sources(round: number): string {
  const count = want.files ?? 4 + Math.floor(random() * 12);
  const prefix = `${want.name}-${String(round)}`;
  return writeSources(path.join(want.sources, prefix), { prefix, count }, random);
}

// Made ahead: writing sources is not what is attacked.
const first = Array.from({ length: want.rounds ?? 3 }, (_, round) => sources(round));
// The thread that does the disk's work exists from here on, for whoever watches its calls.
await stat(want.sources);
waitToGo();
if (want.create) {
  await step('create', () => create(place));
  say('created');
}
const opened = await step('open', () => unlock(place));
session = opened;
say('opened');
const watched = acknowledging(opened, say, want.early ?? false);
const cases = opened.catalogue.prepare<[], { id: number }>('SELECT id FROM cases').all();
const caseId = cases[0]?.id ?? (await step('case', () => makeCase(watched, ports)));
for (let round = 0; round < (want.rounds ?? Infinity); round += 1) {
  const folder = first[round] ?? sources(round);
  await step('import', () =>
    importFolder(watched, ports, { caseId, folder, slots: want.slots ?? 4 }),
  );
  await step('decide', () => decideAll(watched, caseId));
}
await step('close', () => opened.close('command'));
say('done');
