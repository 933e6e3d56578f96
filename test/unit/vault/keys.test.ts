/** Header, slots, grants and keyring: everything of a workspace that stands between disk and keys. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '#core/vault/canonical.ts';
import { generateRawKeyPair, privateKeyObject } from '#core/vault/curve-keys.ts';
import type { Role } from '#shared/domain/words.ts';
import {
  COMPARTMENTS,
  encodeGrant,
  entitledTo,
  grantParts,
  isInUse,
  isSignedBy,
  missingFrom,
  openGrant,
  parseGrant,
  type Compartment,
  type EpochsInUse,
  type HeldKey,
} from '#core/vault/grants.ts';
import {
  encodeHeader,
  fingerprintOf,
  identityOf,
  newHeader,
  parseHeader,
} from '#core/vault/header.ts';
import { findKey, handedOn, makeKeyring } from '#core/vault/keyring.ts';
import type { RecordPublicKeys } from '#core/vault/types.ts';
import {
  openRecoverySlot,
  openSlot,
  sealRecoverySlot,
  sealSlot,
  slotIdOf,
} from '#core/vault/slot.ts';

const record = generateRawKeyPair('x25519');
const checkpoint = generateRawKeyPair('ed25519');
const founder = generateRawKeyPair('ed25519');
const founderBox = generateRawKeyPair('x25519');
const header = newHeader(new Date('2026-11-22T10:00:00Z'), {
  recordPublic: record.publicKey,
  checkpointPublic: checkpoint.publicKey,
  founderPublic: founder.publicKey,
});
const PASSWORD = 'seven otters juggle plums';
const memberId = randomBytes(16).toString('hex');
const secrets = {
  memberId,
  name: 'Ines Ortega',
  encryption: founderBox.privateKey,
  signing: founder.privateKey,
  identity: identityOf(header),
};
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('canonical text', () => {
  it('has one form whatever the order of keys', () => {
    expect(canonicalText({ b: 1, a: ['x', null, true] })).toBe('{"a":["x",null,true],"b":1}');
    expect(() => canonicalText(0.5)).toThrow(RangeError);
  });
});

describe('header', () => {
  it('survives the disk, tells no name, and has a fingerprint over every field', () => {
    const text = encodeHeader(header);
    expect(parseHeader(text)).toEqual(header);
    expect(fingerprintOf(header)).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
    const changed = parseHeader(text.replace('2026-11-22', '2026-11-23'));
    expect(fingerprintOf(changed)).not.toBe(fingerprintOf(header));
  });

  it('names what it cannot open', () => {
    const text = encodeHeader(header);
    expect(() => parseHeader('{"format":"something"}')).toThrow(code('NOT_A_WORKSPACE'));
    expect(() => parseHeader('not json')).toThrow(code('NOT_A_WORKSPACE'));
    expect(() => parseHeader(text.replace('"version": 1', '"version": 2'))).toThrow(
      code('NEWER_WORKSPACE'),
    );
    expect(() => parseHeader(text.replace('"salt": "', '"salt": "zz'))).toThrow(
      code('WORKSPACE_DAMAGED'),
    );
  });
});

describe('slots', () => {
  it('open with the password and nothing else', async () => {
    const id = slotIdOf(header, secrets.name);
    const contents = await sealSlot(header, secrets, PASSWORD, 'test');
    expect(contents).not.toContain('Ines');
    expect(await openSlot(header, id, contents, PASSWORD, 'test')).toEqual(secrets);
    await expect(openSlot(header, id, contents, `${PASSWORD}.`, 'test')).rejects.toThrow(
      code('WRONG_CREDENTIALS'),
    );
  });

  it('answer an unknown member and a wrong password with the same words', async () => {
    const id = slotIdOf(header, secrets.name);
    const contents = await sealSlot(header, secrets, PASSWORD, 'test');
    const said = async (file: string | null): Promise<unknown> =>
      openSlot(header, id, file, 'a wrong password here', 'test').catch((error: unknown) =>
        error instanceof Error ? { ...error, message: error.message } : error,
      );
    expect(await said(null)).toEqual(await said(contents));
  });

  it('know a member however the name is typed', () => {
    expect(slotIdOf(header, ' INES ortega ')).toBe(slotIdOf(header, 'Ines Ortega'));
    expect(slotIdOf(header, 'Ines Ortego')).not.toBe(slotIdOf(header, 'Ines Ortega'));
    const other = newHeader(new Date(), header);
    expect(slotIdOf(other, 'Ines Ortega')).not.toBe(slotIdOf(header, 'Ines Ortega'));
  });

  it('have one size whatever the name', async () => {
    const short = await sealSlot(header, { ...secrets, name: 'I' }, PASSWORD, 'test');
    const long = await sealSlot(header, { ...secrets, name: 'I'.repeat(200) }, PASSWORD, 'test');
    expect(long.length).toBe(short.length);
  });

  it('notice a change in any public field', async () => {
    const id = slotIdOf(header, secrets.name);
    const contents = await sealSlot(header, secrets, PASSWORD, 'test');
    for (const field of ['nonce', 'salt', 'sealed']) {
      const changed = contents.replace(new RegExp(`("${field}": ")(.)`), (_, start: string, c) =>
        start.concat(c === '0' ? '1' : '0'),
      );
      expect(changed).not.toBe(contents);
      await expect(openSlot(header, id, changed, PASSWORD, 'test')).rejects.toThrow(
        code('WRONG_CREDENTIALS'),
      );
    }
    await expect(openSlot(header, 'f'.repeat(32), contents, PASSWORD, 'test')).rejects.toThrow(
      code('WORKSPACE_DAMAGED'),
    );
    const cheaper = contents.replace('"passes": 1', '"passes": 2');
    await expect(openSlot(header, id, cheaper, PASSWORD, 'test')).rejects.toThrow(
      code('WORKSPACE_DAMAGED'),
    );
    await expect(openSlot(header, id, contents, PASSWORD, 'product')).rejects.toThrow(
      code('NOT_ALLOWED'),
    );
  });

  it('open with the 24 recovery words, and notice a wrong one', () => {
    const { contents, words } = sealRecoverySlot(header, secrets);
    expect(words).toHaveLength(24);
    expect(openRecoverySlot(header, contents, words)).toEqual(secrets);
    const typed = words.map((word) => ` ${word.toUpperCase()} `);
    expect(openRecoverySlot(header, contents, typed)).toEqual(secrets);
    const others = sealRecoverySlot(header, secrets).words;
    expect(() => openRecoverySlot(header, contents, others)).toThrow(code('WRONG_CREDENTIALS'));
  });
});

describe('grants', () => {
  const keys: HeldKey[] = COMPARTMENTS.map((compartment) => ({
    compartment,
    epoch: 1,
    key: randomBytes(32),
  }));
  const onlyFirst: EpochsInUse = {
    db: [1],
    content: [1],
    name: [1],
    recordPrivate: [1],
    checkpoint: [1],
  };
  const to = { workspace: header.id, member: memberId, encryptionPublic: founderBox.publicKey };
  const from = { member: memberId, signing: privateKeyObject('ed25519', founder.privateKey) };
  const of = (roles: readonly Role[]): HeldKey[] =>
    keys.filter(({ compartment }) => entitledTo(roles).includes(compartment));
  const grant = {
    workspace: header.id,
    member: memberId,
    parts: grantParts(to, of(['investigator']), from),
  };

  it('give each role what it may hold, and no more', () => {
    expect(entitledTo(['supervisor'])).toEqual(['db', 'recordPrivate', 'checkpoint']);
    expect(entitledTo(['investigator'])).toEqual(['db', 'content', 'name', 'checkpoint']);
    expect(entitledTo(['legal', 'supervisor'])).toHaveLength(5);
    expect(missingFrom(grant, ['investigator'], onlyFirst)).toEqual([]);
    expect(missingFrom(grant, ['investigator', 'supervisor'], onlyFirst)).toEqual([
      { compartment: 'recordPrivate', epoch: 1 },
    ]);
    const rotating: EpochsInUse = { ...onlyFirst, content: [2, 1] };
    expect(missingFrom(grant, ['investigator'], rotating)).toEqual([
      { compartment: 'content', epoch: 2 },
    ]);
    expect(isInUse(rotating, { compartment: 'content', epoch: 1 })).toBe(true);
    expect(isInUse(rotating, { compartment: 'content', epoch: 3 })).toBe(false);
  });

  it('survive the disk and open for their member alone', () => {
    const read = parseGrant(encodeGrant(grant), header.id, memberId);
    expect(read).toEqual(grant);
    const opened = openGrant(read, founderBox.privateKey);
    expect(opened).toEqual(of(['investigator']));
    expect(() => openGrant(read, generateRawKeyPair('x25519').privateKey)).toThrow(
      code('KEY_UNAVAILABLE'),
    );
    expect(() => parseGrant(encodeGrant(grant), header.id, 'a'.repeat(32))).toThrow(
      code('WORKSPACE_DAMAGED'),
    );
  });

  it('may hold several epochs of a compartment, but each once', () => {
    const second = grantParts(to, [{ compartment: 'db', epoch: 2, key: randomBytes(32) }], from);
    const both = { ...grant, parts: [...grant.parts, ...second] };
    expect(parseGrant(encodeGrant(both), header.id, memberId)).toEqual(both);
    const twice = { ...grant, parts: [...both.parts, ...second] };
    expect(() => parseGrant(encodeGrant(twice), header.id, memberId)).toThrow(
      code('WORKSPACE_DAMAGED'),
    );
  });

  it.each([
    ['no JSON', 'nothing'],
    ['a list', '[]'],
    ['another format', JSON.stringify({ format: 'custos-slot' })],
    ['a version that is none', changed({ version: '1' })],
    ['another workspace', changed({ workspace: 'a'.repeat(32) })],
    ['an id in capitals', changed({ member: memberId.toUpperCase() })],
    ['parts that are no list', changed({ parts: {} })],
    ['a part that is no object', changed({ parts: [1] })],
    ['an unknown compartment', changedPart({ compartment: 'everything' })],
    ['epoch 0', changedPart({ epoch: 0 })],
    ['an epoch beyond 32 bits', changedPart({ epoch: 2 ** 32 })],
    ['a sealed key that is too short', changedPart({ sealed: 'AAAA' })],
    ['a signature that is too short', changedPart({ signature: 'AAAA' })],
    ['base64 in a second spelling', changedPart({ sealed: ' AAAA' })],
  ])('refuse %s', (_name, contents) => {
    expect(() => parseGrant(contents, header.id, memberId)).toThrow(code('WORKSPACE_DAMAGED'));
  });

  it('of a newer version ask for that version', () => {
    const newer = changed({ version: 2 });
    expect(() => parseGrant(newer, header.id, memberId)).toThrow(code('NEWER_WORKSPACE'));
  });

  function changed(fields: object): string {
    return JSON.stringify({ ...(JSON.parse(encodeGrant(grant)) as object), ...fields });
  }
  function changedPart(fields: object): string {
    const { parts } = JSON.parse(encodeGrant(grant)) as { parts: object[] };
    return changed({ parts: [{ ...parts[0], ...fields }] });
  }

  it('show who handed a key on', () => {
    const part = grant.parts[1];
    if (part === undefined) throw new Error('a part');
    expect(isSignedBy(grant, part, founder.publicKey)).toBe(true);
    expect(isSignedBy(grant, part, checkpoint.publicKey)).toBe(false);
    expect(isSignedBy(grant, { ...part, compartment: 'name' }, founder.publicKey)).toBe(false);
    expect(isSignedBy(grant, { ...part, epoch: 2 }, founder.publicKey)).toBe(false);
  });

  it('cannot pass a key off as that of another compartment or epoch', () => {
    const [db, content] = grant.parts;
    if (db === undefined || content === undefined) throw new Error('two parts');
    for (const parts of [[{ ...db, sealed: content.sealed }], [{ ...db, epoch: 2 }]]) {
      expect(() => openGrant({ ...grant, parts }, founderBox.privateKey)).toThrow(
        code('KEY_UNAVAILABLE'),
      );
    }
  });
});

describe('keyring', () => {
  const inUse: EpochsInUse = {
    db: [2],
    content: [3, 2],
    name: [3, 2],
    recordPrivate: [2, 1],
    checkpoint: [2],
  };
  const second = generateRawKeyPair('x25519');
  const published: RecordPublicKeys = {
    recordPublic: second.publicKey,
    checkpointPublic: checkpoint.publicKey,
    earlierCheckpoints: [],
    recordPublics: new Map([
      [1, record.publicKey],
      [2, second.publicKey],
    ]),
  };
  const signing = privateKeyObject('ed25519', secrets.signing);
  const fresh = (): HeldKey[] => [
    { compartment: 'db', epoch: 2, key: randomBytes(32) },
    { compartment: 'content', epoch: 2, key: randomBytes(32) },
    { compartment: 'name', epoch: 2, key: randomBytes(32) },
    { compartment: 'content', epoch: 3, key: randomBytes(32) },
    { compartment: 'name', epoch: 3, key: randomBytes(32) },
    { compartment: 'recordPrivate', epoch: 1, key: Buffer.from(record.privateKey) },
    { compartment: 'recordPrivate', epoch: 2, key: Buffer.from(second.privateKey) },
    { compartment: 'checkpoint', epoch: 2, key: Buffer.from(checkpoint.privateKey) },
  ];
  const without = (compartment: Compartment, epoch: number): HeldKey[] =>
    fresh().filter((key) => key.compartment !== compartment || key.epoch !== epoch);

  it('uses the newest epoch, keeps what earlier originals and entries need, and is zeroed by wipe', () => {
    const held = fresh();
    const copies = held.map(({ key }) => Buffer.from(key));
    const keyring = makeKeyring(published, signing, held, inUse);
    expect(keyring.pictures?.epoch).toBe(3);
    expect(keyring.earlier?.epoch).toBe(2);
    expect(keyring.earlierPrivates.map(({ epoch }) => epoch)).toEqual([1]);
    const on = handedOn(keyring);
    expect(on).toHaveLength(held.length);
    for (const [at, { compartment, epoch }] of held.entries()) {
      expect(findKey(on, compartment, epoch)?.equals(copies[at] as Buffer)).toBe(true);
    }
    keyring.wipe();
    for (const { key } of held) expect(key.equals(Buffer.alloc(32))).toBe(true);
  });

  it('holds no picture keys where one of those in use is missing', () => {
    for (const [compartment, epoch] of [
      ['content', 3],
      ['name', 3],
      ['content', 2],
    ] as const) {
      const keyring = makeKeyring(published, signing, without(compartment, epoch), inUse);
      expect(keyring.pictures).toBeNull();
      expect(keyring.content).toBeNull();
      expect(keyring.earlier).toBeNull();
    }
    const auditor = makeKeyring(published, signing, without('recordPrivate', 2), inUse);
    expect(auditor.recordPrivate).toBeNull();
  });

  it('refuses keys that do not belong to the workspace', () => {
    const exchanged = (compartment: Compartment, epoch: number): unknown =>
      makeKeyring(
        published,
        signing,
        [...without(compartment, epoch), { compartment, epoch, key: randomBytes(32) }],
        inUse,
      );
    expect(() => exchanged('checkpoint', 2)).toThrow(code('WORKSPACE_DAMAGED'));
    expect(() => exchanged('recordPrivate', 2)).toThrow(code('WORKSPACE_DAMAGED'));
    expect(() => exchanged('recordPrivate', 1)).toThrow(code('WORKSPACE_DAMAGED'));
    const unknown = { ...published, recordPublics: new Map<number, Buffer>() };
    expect(() => makeKeyring(unknown, signing, fresh(), inUse)).toThrow(code('WORKSPACE_DAMAGED'));
    for (const compartment of ['db', 'checkpoint'] as const) {
      expect(() => makeKeyring(published, signing, without(compartment, 2), inUse)).toThrow(
        code('KEY_UNAVAILABLE'),
      );
    }
  });
});
