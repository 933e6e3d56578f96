/**
 * Opens the workspace it is given and works in it, tiny import after tiny import, until it is
 * ended from outside, or for `rounds`. With `create` it makes the workspace first.
 */
import path from 'node:path';
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
}

const want = given<Given>();
const random = seeded(want.seed);
const ports = testPorts({ machineDir: want.machineDir });
const place = { ports, dir: want.dir };

async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    sayFailed(name, error);
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
waitToGo();
if (want.create) {
  await step('create', () => create(place));
  say('created');
}
const session = await step('open', () => unlock(place));
say('opened');
const watched = acknowledging(session, say, want.early ?? false);
const cases = session.catalogue.prepare<[], { id: number }>('SELECT id FROM cases').all();
const caseId = cases[0]?.id ?? (await step('case', () => makeCase(watched, ports)));
for (let round = 0; round < (want.rounds ?? Infinity); round += 1) {
  const folder = first[round] ?? sources(round);
  await step('import', () => importFolder(watched, ports, { caseId, folder }));
  await step('decide', () => decideAll(watched, caseId));
}
await step('close', () => session.close('command'));
say('done');
