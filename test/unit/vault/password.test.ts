import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { argon2id } from 'hash-wasm';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import {
  argon2SelfTest,
  checkKdfParameters,
  keyFromPassword,
  newKdfParameters,
} from '#core/vault/password.ts';
import { checkPassword, suggestPassword } from '#core/vault/password-policy.ts';

const weak = expect.objectContaining({ code: 'PASSWORD_WEAK' });

describe('Argon2id', () => {
  it('passes its self-test', async () => {
    await expect(argon2SelfTest()).resolves.toBeUndefined();
  });

  it('is the Argon2id of RFC 9106', async () => {
    // Section 5.3. hash-wasm has no associated data, so the runtime's own Argon2 is held against
    // the RFC's vector, and hash-wasm against that, with everything else the same.
    const rfc = {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      memory: 32,
      passes: 3,
      parallelism: 4,
      tagLength: 32,
    };
    const tag = argon2Sync('argon2id', { ...rfc, associatedData: Buffer.alloc(12, 4) });
    expect(tag.toString('hex')).toBe(
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    );
    const ours = await argon2id({
      password: rfc.message,
      salt: rfc.nonce,
      secret: rfc.secret,
      memorySize: rfc.memory,
      iterations: rfc.passes,
      parallelism: rfc.parallelism,
      hashLength: rfc.tagLength,
      outputType: 'hex',
    });
    expect(ours).toBe(argon2Sync('argon2id', rfc).toString('hex'));
  });

  it('reads the same password from every way of typing it', async () => {
    const kdf = newKdfParameters('test');
    const composed = await keyFromPassword('café ﬁne', kdf);
    expect((await keyFromPassword('cafe\u0301 fine', kdf)).equals(composed)).toBe(true);
    expect((await keyFromPassword('cafe fine', kdf)).equals(composed)).toBe(false);
    // Nothing typed at all is a wrong password, not a failure.
    expect((await keyFromPassword('', kdf)).equals(composed)).toBe(false);
    const salted = await keyFromPassword('café ﬁne', newKdfParameters('test'));
    expect(salted.equals(composed)).toBe(false);
  });

  it('takes from disk only parameters in range, and no test slot in the product', () => {
    const product = newKdfParameters('product');
    expect(() => {
      checkKdfParameters(product, 'product');
    }).not.toThrow();
    for (const change of [
      { memoryKiB: 64 * 1024 - 1 },
      { memoryKiB: 1024 * 1024 + 1 },
      { passes: 0 },
      { passes: 11 },
      { lanes: 9 },
    ]) {
      expect(() => {
        checkKdfParameters({ ...product, ...change }, 'product');
      }).toThrow();
    }
    const cheap = newKdfParameters('test');
    expect(() => {
      checkKdfParameters(cheap, 'product');
    }).toThrow(expect.objectContaining({ code: 'NOT_ALLOWED' }));
    expect(() => {
      checkKdfParameters({ ...cheap, cost: 'product' }, 'product');
    }).toThrow();
  });
});

describe('passwords', () => {
  it.each([
    'fourteen chars',
    'aaaaaaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabcabc',
    'hunter2hunter2hunter2',
    'abababababacababab',
    'abcdefghijklmnopqrst',
    '09876543210987654321',
    '1234567890123456789',
    'Correct Horse Battery Staple',
    'P-a-s-s-w-o-r-d Password',
    'Alex Morgan 12345!',
    'custos custos 1990',
    '👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍',
  ])('refuses %s', (password) => {
    expect(() => {
      checkPassword(password, 'Alex Morgan');
    }).toThrow(weak);
  });

  it.each([
    'seven otters juggle plums',
    'пятнадцать выдр жонглируют',
    'Alex Morgan likes seven otters at dusk',
    'x7!Qm2#Vt9@Lp4$',
  ])('accepts %s', (password) => {
    expect(() => {
      checkPassword(password, 'Alex Morgan');
    }).not.toThrow();
  });

  it('suggests words that pass and differ', () => {
    const suggested = Array.from({ length: 50 }, suggestPassword);
    expect(new Set(suggested).size).toBe(50);
    for (const password of suggested) {
      expect(password.split('-')).toHaveLength(6);
      expect(password.split('-').every((word) => wordlist.includes(word))).toBe(true);
      expect(() => {
        checkPassword(password, 'Sam');
      }).not.toThrow();
    }
  });
});
