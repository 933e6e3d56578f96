/** Header, slots, grants and keyring: everything of a workspace that stands between disk and keys. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '#core/vault/canonical.ts';
import { generateRawKeyPair, privateKeyObject } from '#core/vault/curve-keys.ts';
import {
  encodeGrant,
  entitledTo,
  grantParts,
  isSignedBy,
  missingFrom,
  openGrant,
  parseGrant,
} from '#core/vault/grants.ts';
import {
  encodeHeader,
  fingerprintOf,
  identityOf,
  newHeader,
  parseHeader,
} from '#core/vault/header.ts';
import { handedOn, makeKeyring } from '#core/vault/keyring.ts';
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
  const keys = {
    db: randomBytes(32),
    content: randomBytes(32),
    name: randomBytes(32),
    recordPrivate: record.privateKey,
    checkpoint: checkpoint.privateKey,
  };
  const to = { workspace: header.id, member: memberId, encryptionPublic: founderBox.publicKey };
  const from = { member: memberId, signing: privateKeyObject('ed25519', founder.privateKey) };
  const grant = {
    workspace: header.id,
    member: memberId,
    parts: grantParts(to, entitledTo(['investigator']), keys, from, 1),
  };

  it('give each role what it may hold, and no more', () => {
    expect(entitledTo(['supervisor'])).toEqual(['db', 'recordPrivate', 'checkpoint']);
    expect(entitledTo(['investigator'])).toEqual(['db', 'content', 'name', 'checkpoint']);
    expect(entitledTo(['legal', 'supervisor'])).toHaveLength(5);
    expect(missingFrom(grant, ['investigator'])).toEqual([]);
    expect(missingFrom(grant, ['investigator', 'supervisor'])).toEqual(['recordPrivate']);
  });

  it('survive the disk and open for their member alone', () => {
    const read = parseGrant(encodeGrant(grant), header.id, memberId);
    expect(read).toEqual(grant);
    const opened = openGrant(read, founderBox.privateKey);
    expect(opened.content?.equals(keys.content)).toBe(true);
    expect(opened.recordPrivate).toBeUndefined();
    expect(() => openGrant(read, generateRawKeyPair('x25519').privateKey)).toThrow(
      code('KEY_UNAVAILABLE'),
    );
    expect(() => parseGrant(encodeGrant(grant), header.id, 'a'.repeat(32))).toThrow(
      code('WORKSPACE_DAMAGED'),
    );
  });

  it('show who handed a key on', () => {
    const part = grant.parts[1];
    if (part === undefined) throw new Error('a part');
    expect(isSignedBy(grant, part, founder.publicKey)).toBe(true);
    expect(isSignedBy(grant, part, checkpoint.publicKey)).toBe(false);
    expect(isSignedBy(grant, { ...part, compartment: 'name' }, founder.publicKey)).toBe(false);
    expect(isSignedBy(grant, { ...part, epoch: 2 }, founder.publicKey)).toBe(false);
  });

  it('cannot pass a key off as that of another compartment', () => {
    const [db, content] = grant.parts;
    if (db === undefined || content === undefined) throw new Error('two parts');
    const crossed = { ...grant, parts: [{ ...db, sealed: content.sealed }] };
    expect(() => openGrant(crossed, founderBox.privateKey)).toThrow(code('KEY_UNAVAILABLE'));
  });
});

describe('keyring', () => {
  const fresh = (): Record<'db' | 'content' | 'name' | 'recordPrivate' | 'checkpoint', Buffer> => ({
    db: randomBytes(32),
    content: randomBytes(32),
    name: randomBytes(32),
    recordPrivate: Buffer.from(record.privateKey),
    checkpoint: Buffer.from(checkpoint.privateKey),
  });

  it('is zeroed by wipe', () => {
    const keys = fresh();
    const keyring = makeKeyring(header, secrets, keys);
    expect(handedOn(keyring).checkpoint?.equals(checkpoint.privateKey)).toBe(true);
    keyring.wipe();
    for (const buffer of Object.values(keys)) expect(buffer.equals(Buffer.alloc(32))).toBe(true);
  });

  it('refuses keys that do not belong to the header', () => {
    const exchanged = (name: string, key: Buffer): unknown =>
      makeKeyring(header, secrets, { ...fresh(), [name]: key });
    expect(() => exchanged('checkpoint', randomBytes(32))).toThrow(code('WORKSPACE_DAMAGED'));
    expect(() => exchanged('recordPrivate', randomBytes(32))).toThrow(code('WORKSPACE_DAMAGED'));
    expect(() => makeKeyring(header, secrets, {})).toThrow(code('KEY_UNAVAILABLE'));
  });
});
