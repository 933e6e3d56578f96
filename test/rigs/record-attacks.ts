/**
 * The attacks on the record of security.md 6, each with who must find it: the chain alone, what
 * lies in the workspace, a supervisor's keys, this machine's anchor, a witness elsewhere, and the
 * stand-alone script on an export, with and without a checkpoint that was kept.
 *
 * The control is the chain alone, without anything that is signed or held elsewhere: it must miss.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { checkpointOrigin, signCheckpoint } from '#core/record/checkpoint.ts';
import { genesisHash } from '#core/record/entry.ts';
import { listSegments, nodeFiles } from '#core/record/files.ts';
import { newestNote } from '#core/record/notes.ts';
import { scanAtOnce } from '#core/record/scan.ts';
import { sha256 } from '#core/record/sha.ts';
import { createTree } from '#core/record/tree.ts';
import { keyFingerprint } from '#core/record/witness-files.ts';
import { witness } from '#core/record/witness.ts';
import { makeRequest } from '#core/record/witnessed.ts';
import { exportOf, judge } from '../support/record-exports.ts';
import {
  ADA,
  BEN,
  entriesOf,
  look,
  noAnchors,
  OUTSIDER,
  setUpIn,
  WORKSPACE_ID,
  writeEntries,
  type Setup,
} from '../support/record.ts';
import { seeded, stopwatch, tally, type RigResult } from './rig.ts';

/** Who finds it. */
export const FINDERS = [
  'chain',
  'workspace',
  'keys',
  'anchor',
  'witness',
  'script',
  'script with kept checkpoint',
] as const;
export type Finder = (typeof FINDERS)[number];

/** A record as it was, and a copy of everything to attack. */
interface Scene {
  rig: Setup;
  /** Where copies of earlier states of folder and machine lie. */
  earlier: string;
  random(): number;
}

interface Attack {
  name: string;
  /** Changes the files of `rig.dir` (and of the machine) as the attacker would. */
  make(scene: Scene): void;
  found: readonly Finder[];
}

const EVERYBODY = FINDERS;
/** Nothing in the workspace is wrong by itself: only what is held elsewhere tells. */
const ELSEWHERE = ['anchor', 'witness', 'script with kept checkpoint'] as const;

export const ATTACKS: readonly Attack[] = [
  {
    name: 'flip a bit',
    make({ rig, random }) {
      const bytes = readFileSync(rig.segment);
      const entries = entriesOf(rig.segment);
      // Of an entry's ciphertext in the middle: neither the first session nor the last entry.
      const number = 4 + Math.floor(random() * (entries.length - 8));
      const start = 88 + entries.slice(0, number).reduce((sum, entry) => sum + entry.length, 0);
      const at = start + 120 + Math.floor(random() * 16);
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8));
      writeFileSync(rig.segment, bytes);
    },
    // Entry, chain and text break; the tree over the recHashes themselves does not.
    found: ['chain', 'workspace', 'keys', 'script', 'script with kept checkpoint'],
  },
  {
    name: 'delete an entry',
    make: ({ rig, random }) =>
      edit(rig, (entries) => entries.toSpliced(middle(entries, random), 1)),
    found: EVERYBODY,
  },
  {
    name: 'swap two entries',
    make({ rig, random }) {
      edit(rig, (entries) => {
        const at = middle(entries, random);
        const [a, b] = [entries[at], entries[at + 1]] as [Buffer, Buffer];
        return entries.with(at, b).with(at + 1, a);
      });
    },
    found: EVERYBODY,
  },
  {
    name: 'truncate, with the notes about it',
    make({ rig, earlier }) {
      const kept = newestOf(path.join(earlier, 'workspace'));
      edit(rig, (entries) => entries.slice(0, kept + 1));
      trimNotes(rig, kept);
    },
    found: ELSEWHERE,
  },
  {
    name: 'recompute the chain without a key',
    make({ rig, random }) {
      edit(rig, (entries) => rechain(changedTime(entries, random)));
    },
    found: EVERYBODY.filter((finder) => finder !== 'chain'),
  },
  {
    name: 'recompute and sign again, by a member',
    make({ rig, random }) {
      edit(rig, (entries) => rechain(changedTime(entries, random)));
      signAgain(rig);
    },
    // The files fit each other again; the payloads and what members signed do not.
    found: EVERYBODY.filter((finder) => !['chain', 'workspace'].includes(finder)),
  },
  {
    name: 'roll the record back',
    make({ rig, earlier }) {
      replace(path.join(earlier, 'workspace', 'record'), path.join(rig.dir, 'record'));
    },
    found: ELSEWHERE,
  },
  {
    name: 'roll everything back, this machine included',
    make({ rig, earlier }) {
      replace(path.join(earlier, 'workspace'), rig.dir);
      replace(path.join(earlier, 'machine'), rig.machineDir);
    },
    found: ['witness', 'script with kept checkpoint'],
  },
  {
    name: 'fork: roll back and go on past where it was',
    make({ rig, earlier }) {
      replace(path.join(earlier, 'workspace'), rig.dir);
      const record = rig.open({ member: BEN, anchors: noAnchors });
      for (let item = 100; item < 140; item += 1) record.append(look(item));
      record.close();
    },
    found: ELSEWHERE,
  },
  {
    name: 'a session in a member’s name, without the workspace’s keys',
    make({ rig }) {
      addSession(rig, { ...OUTSIDER, member: { ...ADA, signing: BEN.signing } });
    },
    // It cannot be covered by a checkpoint, so an export ends before it and does not hold it.
    found: ['chain', 'workspace', 'keys'],
  },
  {
    name: 'a session in a member’s name, by another member',
    make({ rig }) {
      addSession(rig, { member: { ...ADA, signing: BEN.signing } });
    },
    found: ['keys', 'script', 'script with kept checkpoint'],
  },
];

/** Two members, three sessions; Ada's first one is the earlier state. Answers with its entries. */
function write(rig: Setup, keepEarlier: () => void): number {
  const first = rig.create();
  for (let item = 1; item <= 4; item += 1) first.done(first.append(look(item)));
  first.close();
  keepEarlier();
  for (const [member, from] of [
    [BEN, 10],
    [ADA, 20],
  ] as const) {
    const record = rig.open({ member });
    for (let item = from; item < from + 6; item += 1) record.done(record.append(look(item)));
    record.close();
  }
  return entriesOf(rig.segment).length;
}

export interface Case {
  rig: Setup;
  /** Entries that were acknowledged. */
  entries: number;
  /** A checkpoint that was kept, and the folder of the witness that has seen it. */
  kept: string;
  elsewhere: string;
  earlier: string;
  attack(which: Attack, random: () => number): void;
  remove(): void;
}

/** A record that somebody elsewhere has seen, ready to be attacked once. */
export async function prepare(): Promise<Case> {
  const top = mkdtempSync(path.join(tmpdir(), 'custos-attack-'));
  const at = (name: string): string => path.join(top, name);
  for (const name of ['workspace', 'machine', 'earlier', 'elsewhere']) mkdirSync(at(name));
  const rig = setUpIn({ dir: at('workspace'), machineDir: at('machine') });
  const entries = write(rig, () => {
    for (const name of ['workspace', 'machine'])
      cpSync(at(name), path.join(at('earlier'), name), { recursive: true });
  });
  writeFileSync(at('kept.txt'), newestNote(rig.options));
  await askWitness(rig, at('elsewhere'));
  return {
    rig,
    entries,
    kept: at('kept.txt'),
    elsewhere: at('elsewhere'),
    earlier: at('earlier'),
    attack: (which, random) => which.make({ rig, earlier: at('earlier'), random }),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** Everybody who looks and finds something wrong. */
export async function finders({ rig, kept, elsewhere }: Case): Promise<Finder[]> {
  const file = path.join(path.dirname(kept), `export-${performance.now()}.jsonl`);
  await exportOf(rig, file);
  const finds: Record<Finder, () => Promise<boolean> | boolean> = {
    chain: () => chainProblems(rig),
    workspace: async () => !(await rig.verify({ ...OUTSIDER, anchors: noAnchors })).good,
    keys: async () => !(await rig.verify({ anchors: noAnchors })).good,
    anchor: async () => (await rig.verify(OUTSIDER)).anchor === 'disagrees',
    witness: () => witnessRefuses(rig, elsewhere),
    script: () => !judge(file).good,
    'script with kept checkpoint': () => !judge(file, '--checkpoint', kept).good,
  };
  const found: Finder[] = [];
  for (const finder of FINDERS) if (await finds[finder]()) found.push(finder);
  return found;
}

/** Framing, numbering and hashes, and nothing else. */
function chainProblems(rig: Setup): boolean {
  const { problems } = scanAtOnce({
    files: nodeFiles,
    workspaceDir: rig.dir,
    workspaceId: WORKSPACE_ID,
    segments: listSegments(nodeFiles, rig.dir),
    rootsAt: [],
  });
  return problems.length > 0;
}

async function askWitness(rig: Setup, elsewhere: string): Promise<void> {
  const size = newestOf(rig.dir);
  const seen = entriesSeen.get(elsewhere) ?? 0;
  const old = Math.min(seen, size);
  const { request } = await makeRequest(rig.options, newestNote(rig.options), {
    old,
    witness: null,
  });
  const trust = keyFingerprint(rig.options.checkpointPublic);
  witness(elsewhere, request, { trust, now: rig.clock.now() });
  entriesSeen.set(elsewhere, size);
}
/** What the attacker knows, too: how far the witness has seen. */
const entriesSeen = new Map<string, number>();

/** The attacker hands in the best request there is; one that cannot be made is no co-signature. */
async function witnessRefuses(rig: Setup, elsewhere: string): Promise<boolean> {
  try {
    await askWitness(rig, elsewhere);
    return false;
  } catch (error) {
    if (isCustosError(error) && error.code === 'RECORD_TAMPERED') return true;
    throw error;
  }
}

function addSession(rig: Setup, as: Parameters<Setup['open']>[0]): void {
  const record = rig.open(as);
  record.append(look(99));
  record.close();
}

/** Entries under the newest checkpoint of the record in `dir`. */
function newestOf(dir: string): number {
  return Number(newestNote({ dir }).split('\n')[1]);
}

function edit({ segment }: Setup, change: (entries: Buffer[]) => Buffer[]): void {
  writeEntries(segment, change(entriesOf(segment)));
}

function middle(entries: readonly Buffer[], random: () => number): number {
  return 3 + Math.floor(random() * (entries.length - 8));
}

function trimNotes(rig: Setup, size: number): void {
  const notes = readFileSync(rig.notes, 'utf8').split(/(?<=\n\n)(?=custos)/);
  writeFileSync(rig.notes, notes.filter((n) => Number(n.split('\n')[1]) <= size).join(''));
}

function changedTime(entries: Buffer[], random: () => number): Buffer[] {
  const at = middle(entries, random);
  const entry = Buffer.from(entries[at] as Buffer);
  entry.writeBigUInt64BE(entry.readBigUInt64BE(40) + 1n, 40);
  return entries.with(at, entry);
}

function rechain(entries: readonly Buffer[]): Buffer[] {
  let previous = genesisHash(WORKSPACE_ID);
  return entries.map((entry) => {
    const bytes = Buffer.from(entry);
    previous.copy(bytes, 56);
    previous = sha256(bytes.subarray(0, -32));
    previous.copy(bytes, bytes.length - 32);
    return bytes;
  });
}

/** Every note anew, over what is there now, with the key that every member holds. */
function signAgain(rig: Setup): void {
  const sizes = readFileSync(rig.notes, 'utf8').match(/^\d+$/gm)?.map(Number) ?? [];
  const { checkpoint: key, checkpointPublic } = rig.options;
  const tree = createTree();
  for (const entry of entriesOf(rig.segment)) tree.append(entry.subarray(-32));
  const notes = sizes.map((size) => {
    const signed = { origin: checkpointOrigin(WORKSPACE_ID), size, root: tree.root(size) };
    return `${signCheckpoint(signed, key as KeyObject, checkpointPublic)}\n`;
  });
  writeFileSync(rig.notes, notes.join(''));
}

function replace(from: string, to: string): void {
  rmSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}

/** One attack after the other, each on a record of its own. */
export async function run(trials: number, seed = 1): Promise<RigResult> {
  const seconds = stopwatch();
  const random = seeded(seed);
  const told = tally();
  let control = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const attack = ATTACKS[trial % ATTACKS.length] as Attack;
    const made = await prepare();
    try {
      told.acknowledged += made.entries;
      if (trial < ATTACKS.length) {
        const untouched = await finders(made);
        if (untouched.length > 0) told.miss(`untouched, yet found by ${untouched.join(', ')}`);
      }
      made.attack(attack, random);
      const found = await finders(made);
      if (!found.includes('chain')) control += 1;
      const expected = attack.found.join(', ');
      if (found.join(', ') !== expected)
        told.miss(`${attack.name}: found by ${found.join(', ') || 'nobody'}, not ${expected}`);
    } finally {
      made.remove();
    }
  }
  const { acknowledged, lost, undetected, findings } = told;
  const notes = [`${ATTACKS.length} kinds of attack; control: the chain alone`];
  return {
    rig: 'record-attacks',
    trials,
    acknowledged,
    lost,
    undetected,
    control,
    seconds: seconds(),
    notes,
    findings,
  };
}
