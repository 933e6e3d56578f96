/** A record in a folder, with keys of its own and a clock that a test can turn. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Role } from '#shared/domain/words.ts';
import { signStatement } from '#core/access/statements.ts';
import { openAnchors, type Anchors } from '#core/record/anchors.ts';
import type { RecordOptions } from '#core/record/options.ts';
import type { KnownMember, MemberDirectory, SigningMember } from '#core/record/member-proof.ts';
import { createRecord, openRecord } from '#core/record/recorder.ts';
import { verifyRecord } from '#core/record/verify.ts';
import type { EntryInput } from '#core/record/types.ts';
import { generateRawKeyPair, privateKeyObject } from '#core/vault/curve-keys.ts';

export const WORKSPACE_ID = '5f'.repeat(16);
/** The founder, who signs her own statement. */
export const ADA = person('Ada', 'ad'.repeat(16), ['supervisor', 'investigator']);
export const BEN = person('Ben', 'be'.repeat(16), ['investigator']);
export const MEMBERS: MemberDirectory = (id) =>
  [ADA, BEN].map((member) => knownMember(member)).find((known) => known.id === id) ?? null;

export interface Person extends SigningMember {
  signingKey: Buffer;
  roles: Role[];
}

export function person(name: string, id: string, roles: Role[]): Person {
  const pair = generateRawKeyPair('ed25519');
  const signing = privateKeyObject('ed25519', pair.privateKey);
  return { id, name, roles, signing, signingKey: pair.publicKey };
}

/** As a supervisor stated it: Ada did. */
function knownMember({ id, name, roles, signingKey }: Person): KnownMember {
  const signed = signStatement(
    {
      workspace: WORKSPACE_ID,
      member: id,
      name,
      roles,
      encryptionKey: Buffer.alloc(32, 1),
      signingKey,
      addedAt: '2026-11-22T09:00:00.000Z',
      by: ADA.id,
    },
    ADA.signing,
  );
  return { id, name, signingKey, signedBy: ADA.id, ...signed };
}
export const ALL = {
  types: [],
  by: null,
  caseId: null,
  itemId: null,
  before: null,
  limit: 1000,
} as const;

export interface TestClock {
  now(): Date;
  monotonicMs(): number;
  /** Moves both clocks. */
  pass(ms: number): void;
  /** Moves the wall clock only, as a person setting it does. */
  set(iso: string): void;
}

export function testClock(): TestClock {
  let wall = Date.parse('2026-11-22T10:00:00.000Z');
  let mono = 1000;
  return {
    now: () => new Date(wall),
    monotonicMs: () => mono,
    pass(ms) {
      wall += ms;
      mono += ms;
    },
    set(iso) {
      wall = Date.parse(iso);
    },
  };
}

/** `dir`: the workspace's folder; `machineDir`: this machine's own. Both exist. */
export function setUpIn(
  { dir, machineDir }: { dir: string; machineDir: string },
  overrides: Partial<RecordOptions> = {},
) {
  const seal = generateRawKeyPair('x25519');
  const sign = generateRawKeyPair('ed25519');
  const clock = testClock();
  const options: RecordOptions = {
    dir,
    workspaceId: WORKSPACE_ID,
    recordPublic: seal.publicKey,
    recordPrivate: seal.privateKey,
    checkpoint: privateKeyObject('ed25519', sign.privateKey),
    checkpointPublic: sign.publicKey,
    member: ADA,
    members: MEMBERS,
    clock,
    anchors: openAnchors(machineDir),
    ...overrides,
  };
  return {
    dir,
    clock,
    options,
    machineDir,
    segment: path.join(dir, 'record', '000001.evl'),
    notes: path.join(dir, 'record', 'checkpoints.txt'),
    create: (more: Partial<RecordOptions> = {}) => createRecord({ ...options, ...more }),
    open: (more: Partial<RecordOptions> = {}) => openRecord({ ...options, ...more }),
    verify: (more: Partial<RecordOptions> = {}) => verifyRecord(dir, { ...options, ...more }),
  };
}
export type Setup = ReturnType<typeof setUpIn>;

/** Another machine: it has never seen this record. */
export const noAnchors: Anchors = { get: () => null, put: () => undefined };
/** Somebody without any of the secret keys. */
export const OUTSIDER = { recordPrivate: null, checkpoint: null, member: null } as const;

export function look(itemId: number): EntryInput {
  return { type: 'look.granted', detail: { caseId: 1, itemId, rung: 2, purpose: 'decide' } };
}

/** The bytes of every entry of a segment, in order. */
export function entriesOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const entries: Buffer[] = [];
  for (let at = 88; at < bytes.length; at += bytes.readUInt32BE(at)) {
    entries.push(bytes.subarray(at, at + bytes.readUInt32BE(at)));
  }
  return entries;
}

export function writeEntries(file: string, entries: readonly Buffer[]): void {
  const header = readFileSync(file).subarray(0, 88);
  writeFileSync(file, Buffer.concat([header, ...entries]));
}
