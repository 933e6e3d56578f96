/**
 * What the table promises about the record, kept: every channel is called once in a real
 * workspace. One that promises an entry appends exactly one of that type, one that promises none
 * appends nothing at all.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { CONTRACT, type ChannelName, type Input, type Output } from '#shared/contract/contract.ts';
import type { RecordRule } from '#shared/contract/channel.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';
import type { RecordEntry } from '#shared/contract/record.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { witness } from '#core/record/witness.ts';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import { drawPicture } from '#electron/cli/demo/draw.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { temporaryFolder, testPorts } from '../support/workspace.ts';

type Person = 'Ada' | 'Sam';
/** As they are at the moment: some calls change them. */
const passwords = { Ada: 'seven otters juggle plums', Sam: 'nine badgers polish lamps' };
const NEXT = { changed: 'eleven geese weigh anchors', recovered: 'twelve hens rent bicycles' };

/** Ids and tokens that earlier calls answered with. */
interface World {
  caseId: number;
  importId: number;
  jobId: number;
  stackId: number;
  itemId: number;
  sha256: string;
  lookId: number;
  bundleId: number;
  choice: string;
  target: string;
  received: { file: string; identity: string | null };
  recoveryWords: string[];
  /** Sam's. */
  memberId: string;
  /** Fingerprint of the record's key. */
  recordKey: string;
}

/** How each channel is called once everything before it was. */
const CALLS: { [C in ChannelName]: (world: World) => Input<C> } = {
  'workspace.status': () => ({}),
  'workspace.choose': () => ({ purpose: 'create' }),
  'workspace.recent': () => ({}),
  'workspace.create': ({ choice }) => ({
    choice,
    member: 'Ada',
    password: passwords.Ada,
    roles: ['investigator', 'legal', 'supervisor'],
  }),
  'workspace.select': ({ choice }) => ({ choice }),
  'workspace.unlock': () => ({ member: 'Ada', password: passwords.Ada }),
  'workspace.lock': () => ({}),
  'workspace.suggestPassword': () => ({}),
  'members.list': () => ({}),
  'members.add': () => ({ member: 'Sam', password: passwords.Sam, roles: ['supervisor'] }),
  'cases.list': () => ({}),
  'cases.create': () => ({ ref: 'C-1', title: 'Harbour lights' }),
  'cases.get': ({ caseId }) => ({ caseId }),
  'cases.report': ({ caseId }) => ({ caseId }),
  'intake.choose': () => ({ kind: 'folder' }),
  'intake.preview': ({ caseId, choice }) => ({ caseId, choices: [choice] }),
  'intake.start': ({ caseId, choice }) => ({ caseId, choices: [choice], source: 'disk' }),
  'intake.imports': ({ caseId }) => ({ caseId }),
  'intake.failures': ({ importId }) => ({ importId }),
  'jobs.list': () => ({}),
  'jobs.cancel': ({ jobId }) => ({ jobId }),
  'law.pack': ({ caseId }) => ({ caseId }),
  'review.queue': ({ caseId }) => ({ caseId }),
  'review.stack': ({ stackId }) => ({ stackId }),
  'review.fact': ({ stackId }) => ({
    stackId,
    facts: [{ key: 'relevant', value: 'no', certainty: 'certain' }],
  }),
  'review.decide': ({ stackId }) => ({ target: { stackId }, reason: 'A landscape.' }),
  'review.undo': ({ caseId }) => ({ caseId }),
  'review.skip': ({ stackId }) => ({ stackId }),
  'look.request': ({ itemId }) => ({ itemId, rung: 1, purpose: 'decide', reason: 'To decide it.' }),
  'look.cover': ({ lookId }) => ({ lookId, seconds: 2 }),
  'gallery.count': ({ caseId }) => ({ caseId, filter: { text: 'picture' } }),
  'gallery.page': ({ caseId }) => ({ caseId, filter: {}, offset: 0, limit: 10 }),
  'items.get': ({ itemId }) => ({ itemId }),
  'items.page': ({ caseId }) => ({ caseId }),
  'items.find': ({ caseId, sha256 }) => ({ caseId, sha256 }),
  'bundles.list': () => ({}),
  'bundles.preview': ({ caseId }) => ({ caseId, edition: 'sealed' }),
  'bundles.request': ({ caseId }) => ({ caseId, edition: 'sealed', recipients: [recipient] }),
  'bundles.approve': ({ bundleId }) => ({ bundleId }),
  'bundles.chooseTarget': ({ bundleId }) => ({ bundleId }),
  'bundles.build': ({ bundleId, target }) => ({ bundleId, target }),
  'bundles.chooseReceived': () => ({}),
  'bundles.verify': ({ received }) => received,
  'record.list': () => ({}),
  'record.verify': () => ({}),
  'record.checkpoint': () => ({}),
  'record.export': () => ({ target: workstation.keep([at('record.json')]) }),
  'record.witnessRequest': () => ({ target: workstation.keep([at('request')]), old: 0 }),
  'record.acceptWitness': ({ recordKey }) => {
    const request = readFileSync(at('request'), 'utf8');
    const seen = { trust: recordKey, now: new Date() };
    writeFileSync(at('answer'), witness(at('another machine'), request, seen).answer);
    return { file: workstation.keep([at('answer')]) };
  },
  'upkeep.status': () => ({}),
  'upkeep.damaged': ({ caseId }) => ({ caseId }),
  'scrub.start': () => ({ kind: 'full' }),
  'backup.choose': () => ({}),
  'backup.start': () => ({ target: workstation.keep([at('backup')]) }),
  'workspace.confirmRecovery': ({ recoveryWords }) => ({ words: recoveryWords }),
  'workspace.renewRecovery': () => ({ password: passwords.Ada }),
  'members.changePassword': () => ({ old: passwords.Ada, new: NEXT.changed }),
  'workspace.rotateKeys': () => ({}),
  'members.revoke': ({ memberId }) => ({ member: memberId }),
  'workspace.recover': ({ recoveryWords }) => ({
    choice: workstation.keep([at('workspace')]),
    words: recoveryWords,
    member: null,
    newPassword: NEXT.recovered,
  }),
};

/** The order in which one thing leads to the next; who calls where it is not Ada. */
const ORDER: readonly (ChannelName | [ChannelName, Person])[] = [
  'workspace.status',
  'workspace.suggestPassword',
  'workspace.choose',
  'workspace.create',
  'workspace.recent',
  'workspace.select',
  'workspace.unlock',
  'workspace.confirmRecovery',
  'workspace.renewRecovery',
  'members.changePassword',
  'members.add',
  'members.list',
  'cases.create',
  'cases.list',
  'cases.get',
  'cases.report',
  'intake.choose',
  'intake.preview',
  'intake.start',
  'jobs.list',
  'jobs.cancel',
  'intake.imports',
  'intake.failures',
  'law.pack',
  'review.queue',
  'review.stack',
  'look.request',
  'look.cover',
  'review.skip',
  'review.fact',
  'review.decide',
  'review.undo',
  'gallery.count',
  'gallery.page',
  'items.page',
  'items.get',
  'items.find',
  'bundles.list',
  'bundles.preview',
  'bundles.request',
  ['bundles.approve', 'Sam'],
  'bundles.chooseTarget',
  'bundles.build',
  'bundles.chooseReceived',
  'bundles.verify',
  'record.verify',
  'record.checkpoint',
  'record.export',
  'record.witnessRequest',
  'record.acceptWitness',
  'scrub.start',
  'backup.choose',
  'backup.start',
  'upkeep.status',
  'upkeep.damaged',
  'workspace.rotateKeys',
  'members.revoke',
  'record.list',
  'workspace.lock',
  'workspace.recover',
];
/** These begin a job, which is waited for. */
const JOBS: readonly ChannelName[] = [
  'intake.start',
  'bundles.build',
  'scrub.start',
  'backup.start',
  'workspace.rotateKeys',
  'members.revoke',
];
/** After these nobody is unlocked. */
const LOCKING: readonly ChannelName[] = ['workspace.lock', 'workspace.recover'];

/** What else a call may bring about in its course: closing its own entry, a job's work, a session. */
const SESSION: EntryType[] = ['session.started', 'checkpoint.made', 'workspace.locked'];
/** Changing the record's keys begins a session of its own. */
const ROTATION: EntryType[] = [
  'done',
  'keys.advanced',
  'keys.rotated',
  'session.started',
  'checkpoint.made',
];
const BESIDES: Partial<Record<ChannelName, readonly EntryType[]>> = {
  'workspace.create': ['session.started', 'checkpoint.made', 'done'],
  'workspace.unlock': SESSION,
  'workspace.lock': SESSION,
  // Unlocks for as long as it takes, by the words.
  'workspace.recover': [...SESSION, 'unlock.succeeded', 'workspace.closed', 'done'],
  'scrub.start': ['done', 'scrub.advanced', 'scrub.ended'],
  'backup.start': ['done', 'backup.ended', 'checkpoint.made'],
  'record.export': ['checkpoint.made'],
  'workspace.rotateKeys': ROTATION,
  'members.revoke': ROTATION,
  'intake.start': [
    'done',
    'import.batch',
    'import.ended',
    'stack.formed',
    'derivative.made',
    'checkpoint.made',
  ],
  'bundles.build': ['done', 'bundle.built', 'checkpoint.made'],
};

/** What is wrong with the entries that one call left, or null. */
function fault(
  channel: string,
  rule: RecordRule,
  left: readonly EntryType[],
  besides: readonly EntryType[] = ['done'],
): string | null {
  if ('none' in rule)
    return left.length === 0 ? null : `${channel} promises no entry and left ${left.join(', ')}`;
  const promised = left.filter((type) => type === rule.entry).length;
  if (promised !== 1)
    return `${channel} promises one entry ${rule.entry} and left ${promised} (${left.join(', ')})`;
  const more = left.filter((type) => type !== rule.entry && !besides.includes(type));
  return more.length === 0 ? null : `${channel} left ${more.join(', ')} besides`;
}

const { dir: folder, remove } = temporaryFolder();
const at = (...names: string[]): string => path.join(folder, ...names);
const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
let workstation: Workstation;

beforeAll(async () => {
  mkdirSync(at('source'));
  for (const index of [0, 1])
    await sharp(Buffer.from(drawPicture(index)))
      .resize(320)
      .jpeg()
      .toFile(at('source', `picture-${index}.jpg`));
  writeFileSync(at('key.txt'), `${identity}\n`);
  workstation = createWorkstation(
    testPorts({
      machineDir: at('machine'),
      spawnDecoder: forkDecoder,
      dialogs: {
        chooseWorkspace: () => Promise.resolve(at('workspace')),
        chooseSources: () => Promise.resolve([at('source')]),
        chooseTarget: () => Promise.resolve(at('bundle.tar.age')),
        chooseReceived: () =>
          Promise.resolve({ file: at('bundle.tar.age'), identity: at('key.txt') }),
      },
    }),
  );
});
afterAll(async () => {
  await workstation.shutdown();
  remove();
});

async function call<C extends ChannelName>(channel: C, input: Input<C>): Promise<Output<C>> {
  const result = await workstation.call(channel, input);
  if (!result.ok) throw new Error(`${channel}: ${result.error.code}: ${result.error.message}`);
  return result.value as Output<C>;
}

async function unlock(person: Person): Promise<void> {
  await call('workspace.unlock', { member: person, password: passwords[person] });
}

/** Remembers what a call answered with, and waits for the job it may have begun. */
async function learn(world: World, channel: ChannelName, answer: unknown): Promise<void> {
  const value = (answer ?? {}) as Record<string, never>;
  if (channel === 'cases.create') world.caseId = value['id']!;
  if (channel === 'review.queue')
    ({ stackId: world.stackId, representativeId: world.itemId } = value['entries']![0]!);
  if (channel === 'items.page')
    world.sha256 = (answer as Output<'items.page'>).find((i) => i.itemId === world.itemId)!.sha256;
  if (channel === 'look.request') world.lookId = value['lookId']!;
  if (channel === 'bundles.request') world.bundleId = value['id']!;
  if (channel === 'bundles.chooseTarget') world.target = value['choice']!;
  if (channel === 'bundles.chooseReceived')
    world.received = { file: value['file']!, identity: value['identity']! };
  if (channel === 'workspace.choose' || channel === 'intake.choose')
    world.choice = value['choice']!;
  if (channel === 'members.add') world.memberId = value['id']!;
  if (channel === 'intake.start') world.importId = value['importId']!;
  if (channel === 'workspace.create' || channel === 'workspace.renewRecovery')
    world.recoveryWords = value['recoveryWords']!;
  if (channel === 'members.changePassword') passwords.Ada = NEXT.changed;
  if (channel === 'workspace.recover') passwords.Ada = NEXT.recovered;
  if (channel === 'record.witnessRequest') world.recordKey = value['fingerprint']!;
  if (JOBS.includes(channel)) {
    world.jobId = value['jobId']!;
    expect(await ended(world.jobId)).toMatchObject({ state: 'done' });
  }
}

function ended(jobId: number): Promise<JobProgress> {
  return new Promise((resolve, reject) => {
    const hear = (job: JobProgress): void => {
      if (job.jobId === jobId && job.state !== 'running') resolve(job);
    };
    workstation.onEvent((event) => event.type === 'job' && hear(event.job));
    call('jobs.list', {}).then((jobs) => jobs.forEach(hear), reject);
  });
}

/** Entries after `seq`, oldest first. Reading is itself an entry, left out unless it is asked about. */
async function entriesAfter(seq: number): Promise<{ entries: RecordEntry[]; newest: number }> {
  const { entries } = await call('record.list', { limit: 1000 });
  const newest = entries[0]!.seq;
  return { entries: entries.filter((e) => e.seq > seq && e.seq < newest).reverse(), newest };
}

describe('every channel', () => {
  it('is called here, exactly once', () => {
    const names = ORDER.map((step) => (typeof step === 'string' ? step : step[0]));
    expect([...names].sort()).toEqual(Object.keys(CONTRACT).sort());
  });

  it('leaves on the record what the table promises', { timeout: 60_000 }, async () => {
    const world = {} as World;
    const found: (string | null)[] = [];
    let mark = -1;
    let who: Person | null = null;
    /** Calls made while the record could not be read, judged together once it can. */
    let unread: ChannelName[] = [];
    for (const step of ORDER) {
      const [channel, person] = typeof step === 'string' ? [step, 'Ada' as const] : step;
      if (who !== null && who !== person) {
        await unlock(person);
        who = person;
        mark = (await entriesAfter(mark)).newest;
      }
      const answer = await call(channel, CALLS[channel](world) as never);
      await learn(world, channel, answer);
      unread.push(channel);
      if (channel === 'workspace.unlock') who = person;
      const isLocked = LOCKING.includes(channel);
      if (isLocked) await unlock(person);
      if (who === null) continue;
      const { entries, newest } = await entriesAfter(mark);
      mark = newest;
      const types = entries.map((entry) => entry.type);
      // The unlocking that only serves to read what came before it.
      if (isLocked) types.splice(types.lastIndexOf('unlock.succeeded'));
      if (unread.length === 1)
        found.push(fault(channel, CONTRACT[channel].record, types, BESIDES[channel]));
      else found.push(...judgeTogether(unread, types));
      unread = [];
    }
    expect(found.filter((each) => each !== null)).toEqual([]);
    expect(found).toHaveLength(ORDER.length);
  });

  it('would be found out if it recorded too little, too much or something else', () => {
    const promise: RecordRule = { entry: 'case.created' };
    expect(fault('x', promise, ['case.created', 'done'])).toBeNull();
    expect(fault('x', promise, ['done'])).toMatch(/promises one entry case\.created and left 0/);
    expect(fault('x', promise, ['case.created', 'case.created', 'done'])).toMatch(/left 2/);
    expect(fault('x', promise, ['case.created', 'look.granted'])).toMatch(/look\.granted besides/);
    expect(fault('x', { none: 'counts only' }, [])).toBeNull();
    expect(fault('x', { none: 'counts only' }, ['search.made'])).toMatch(/promises no entry/);
  });
});

/** Before the first unlocking: all promised entries, each once, and nothing that none explains. */
function judgeTogether(channels: ChannelName[], types: EntryType[]): (string | null)[] {
  const promised = channels.flatMap((channel) => {
    const { record } = CONTRACT[channel];
    return 'entry' in record ? [record.entry] : [];
  });
  const besides = channels.flatMap((channel) => [...promised, ...(BESIDES[channel] ?? [])]);
  return channels.map((channel) => {
    const { record } = CONTRACT[channel];
    return 'none' in record ? null : fault(channel, record, types, besides);
  });
}
