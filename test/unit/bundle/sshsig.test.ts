import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshFingerprint } from '#core/access/ssh-fingerprint.ts';
import { rawPublicKey } from '#core/vault/curve-keys.ts';
import {
  allowedSignersLine,
  NAMESPACE,
  parseAllowedSigners,
  principal,
  publicKeyBlob,
} from '#core/bundle/ssh-key.ts';
import { signSsh, verifySsh } from '#core/bundle/sshsig.ts';
import { haveTool, runTool } from '../../support/stock-tools.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = rawPublicKey(privateKey);
const message = Buffer.from('one line\nanother\n');
const signature = signSsh(message, NAMESPACE, privateKey, publicKey);

describe('SSH signatures', () => {
  it('accepts its own and names the key', () => {
    const verdict = verifySsh(message, NAMESPACE, signature);
    expect(verdict.good).toBe(true);
    expect(verdict.publicKey?.equals(publicKey)).toBe(true);
  });

  it('refuses another message and another namespace', () => {
    expect(verifySsh(Buffer.from('one line\nanothes\n'), NAMESPACE, signature).good).toBe(false);
    expect(verifySsh(message, 'file', signature).good).toBe(false);
  });

  it('refuses every flipped byte of the signature file', () => {
    for (let index = 0; index < signature.length; index++) {
      for (const bit of [0, 3, 6]) {
        const bytes = Buffer.from(signature);
        bytes[index] = bytes[index]! ^ (1 << bit);
        const verdict = verifySsh(message, NAMESPACE, bytes.toString('latin1'));
        expect(verdict.good, `byte ${String(index)} bit ${String(bit)}`).toBe(false);
      }
    }
  });

  it('refuses what is no signature at all, without throwing', () => {
    for (const text of ['', 'x', signature.slice(0, -40), 'y'.repeat(10_000)]) {
      expect(verifySsh(message, NAMESPACE, text).good).toBe(false);
    }
  });
});

describe('allowed signers', () => {
  it('reads back the line it writes', () => {
    const who = principal('Asha Rao', 'f'.repeat(32), '0123-4567');
    expect(who).toBe('asha-rao@01234567');
    const [signer] = parseAllowedSigners(`# a comment\n\n${allowedSignersLine(who, publicKey)}`);
    expect(signer?.name).toBe(who);
    expect(signer?.publicKey.equals(publicKey)).toBe(true);
  });

  it('reads lines without options, with comments, and passes over other kinds of key', () => {
    const key = publicKeyBlob(publicKey).toString('base64');
    const text = `a@b ssh-ed25519 ${key} comment here\nb@c ssh-rsa AAAAB3NzaC1yc2E= x\nc@d namespaces="git" ssh-ed25519 ${key}\n`;
    expect(parseAllowedSigners(text).map((signer) => signer.name)).toEqual(['a@b']);
  });

  it('names the line that cannot be read', () => {
    expect(() => parseAllowedSigners('who ssh-ed25519 AAAA\n')).toThrow(/Line 1 .*damaged/);
    expect(() => parseAllowedSigners('\nnonsense\n')).toThrow(/Line 2/);
    const dated = `a valid-before="20300101" ssh-ed25519 ${publicKeyBlob(publicKey).toString('base64')}`;
    expect(() => parseAllowedSigners(dated)).toThrow(/ssh-keygen/);
  });

  it('never makes a name with a pattern or a space in it', () => {
    for (const name of ['*', 'a b', 'é,ü!', '"q"', '李', '']) {
      expect(principal(name, 'abcdef0123', '01234567')).toMatch(/^[a-z0-9-]+@[A-Za-z0-9]{8}$/);
    }
  });
});

describe.skipIf(!haveTool('ssh-keygen'))('with ssh-keygen', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'custos-sshsig-'));
  const file = (name: string): string => path.join(dir, name);
  beforeAll(() => {
    writeFileSync(file('message'), message);
    writeFileSync(file('message.sig'), signature);
    writeFileSync(file('signers'), allowedSignersLine('asha@01234567', publicKey));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });
  const verify = (input: Buffer, namespace: string): number | null =>
    runTool(
      'ssh-keygen',
      ['-Y', 'verify', '-f', file('signers'), '-I', 'asha@01234567', '-n', namespace].concat(
        '-s',
        file('message.sig'),
      ),
      { input },
    ).status;

  it('is called good by ssh-keygen, and bad when anything differs', () => {
    expect(verify(message, NAMESPACE)).toBe(0);
    expect(verify(Buffer.from('other'), NAMESPACE)).not.toBe(0);
    expect(verify(message, 'file')).not.toBe(0);
  });

  it('prints the fingerprint ssh-keygen prints', () => {
    writeFileSync(file('key.pub'), `ssh-ed25519 ${publicKeyBlob(publicKey).toString('base64')}\n`);
    const printed = runTool('ssh-keygen', ['-l', '-f', file('key.pub')]).output;
    expect(printed.split(' ')[1]).toBe(sshFingerprint(publicKey));
  });

  it('accepts a signature that ssh-keygen made', () => {
    runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('own')]);
    const sign = ['-Y', 'sign', '-q', '-f', file('own'), '-n', NAMESPACE, file('message')];
    expect(runTool('ssh-keygen', sign, { input: 'y\n' }).status).toBe(0);
    const made = readFileSync(file('message.sig'), 'utf8');
    expect(verifySsh(message, NAMESPACE, made).good).toBe(true);
  });
});
