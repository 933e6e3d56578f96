/**
 * A workspace that specs start from: made, filled and later inspected from outside the app, through
 * the same calls, while the app has it locked. So the same specs serve every host.
 */
import path from 'node:path';
import type { Input, Output } from '#shared/contract/contract.ts';
import type { RecordEntry } from '#shared/contract/record.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';
import type { Role } from '#shared/domain/words.ts';
import { temporaryFolder } from '../../hosts/app.ts';
import { openClient, type Client } from './client.ts';

export type Person = 'Ada' | 'Lin' | 'Sam' | 'Ines';

/**
 * Ada reviews and manages, Lin is legal, Sam supervises and holds no key to pictures. Ines, an
 * investigator and nothing else, is a member only where a spec adds her.
 */
export const PEOPLE: Record<Person, Role[]> = {
  Ada: ['investigator', 'supervisor'],
  Lin: ['legal'],
  Sam: ['supervisor'],
  Ines: ['investigator'],
};

export const passwordOf = (person: Person): string => `seven otters juggle plums for ${person}`;

export interface Place {
  /** The test's own folder; everything below it goes with it. */
  readonly folder: string;
  readonly workspace: string;
  readonly machineDir: string;
  readonly path: (...names: string[]) => string;
  /** Unlocks as `person` outside the app, does the work, and lets go of the workspace again. */
  as<T>(person: Person, work: (client: Client) => Promise<T>): Promise<T>;
  /** The whole record, oldest first, as the supervisor reads it. */
  record(types?: EntryType[]): Promise<RecordEntry[]>;
  remove(): Promise<void>;
}

/** A temporary folder with nothing in it yet. */
export async function emptyPlace(name: string): Promise<Place> {
  const temporary = await temporaryFolder(name);
  const folder = temporary.path;
  const workspace = path.join(folder, 'evidence');
  const machineDir = path.join(folder, 'machine');
  const as: Place['as'] = async (person, work) => {
    const client = openClient(machineDir);
    try {
      await client.call('workspace.select', { choice: client.keep(workspace) });
      await client.call('workspace.unlock', { member: person, password: passwordOf(person) });
      return await work(client);
    } finally {
      await client.close();
    }
  };
  return {
    folder,
    workspace,
    machineDir,
    path: (...names) => path.join(folder, ...names),
    as,
    record: (types = []) => as('Sam', (client) => readRecord(client, types)),
    remove: () => temporary.remove(),
  };
}

/** A workspace with Ada, Lin and Sam, and `work` done in it by Ada. */
export async function foundedPlace(
  name: string,
  work: (client: Client, place: Place) => Promise<void> = async () => undefined,
): Promise<Place> {
  const place = await emptyPlace(name);
  const client = openClient(place.machineDir);
  try {
    const { recoveryWords } = await client.call('workspace.create', {
      choice: client.keep(place.workspace),
      member: 'Ada',
      password: passwordOf('Ada'),
      roles: PEOPLE.Ada,
    });
    await client.call('workspace.select', { choice: client.keep(place.workspace) });
    await client.call('workspace.unlock', { member: 'Ada', password: passwordOf('Ada') });
    // Without it a window refuses the first import.
    await client.call('workspace.confirmRecovery', { words: recoveryWords });
    for (const member of ['Lin', 'Sam'] as const) {
      const roles = PEOPLE[member];
      await client.call('members.add', { member, password: passwordOf(member), roles });
    }
    await work(client, place);
    return place;
  } catch (error) {
    await place.remove();
    throw error;
  } finally {
    await client.close();
  }
}

/** Imports a folder into a new case and answers with the case's id. */
export async function caseWith(
  client: Client,
  folder: string,
  about: Input<'cases.create'> = { ref: 'C-1', title: 'Made-up pictures' },
): Promise<number> {
  const { id: caseId } = await client.call('cases.create', about);
  const { jobId } = await client.call('intake.start', {
    caseId,
    choices: [client.keep(folder)],
    source: 'seized disk',
    exhibit: 'JD/1',
  });
  await client.finish(jobId);
  return caseId;
}

const PAGE = 1000;

async function readRecord(client: Client, types: EntryType[]): Promise<RecordEntry[]> {
  const all: RecordEntry[] = [];
  let before: number | null = null;
  for (;;) {
    const page: Output<'record.list'> = await client.call('record.list', {
      types,
      before,
      limit: PAGE,
    });
    all.push(...page.entries);
    if (!page.more) return all.reverse();
    before = page.entries.at(-1)!.seq;
  }
}
