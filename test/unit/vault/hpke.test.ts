import { diffieHellman, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  generateRawKeyPair,
  privateKeyObject,
  publicKeyObject,
  rawPrivateKey,
  rawPublicKey,
} from '#core/vault/curve-keys.ts';
import {
  hpkeOpen,
  hpkeSeal,
  kemSecret,
  keySchedule,
  openWith,
  sealWith,
} from '#core/vault/hpke.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const unavailable = expect.objectContaining({ code: 'KEY_UNAVAILABLE' });

// RFC 9180, appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
const AES_128_GCM = { id: 1, cipher: 'aes-128-gcm', keyBytes: 16 } as const;
const A11 = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  skE: hex('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736'),
  enc: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
  skR: hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
  pkR: hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'),
  secret: hex('fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc'),
  key: hex('4531685d41d65f03dc48f6b8302c05b0'),
  nonce: hex('56d890e5accaaf011cff4b7d'),
  aad: hex('436f756e742d30'),
  plain: hex('4265617574792069732074727574682c20747275746820626561757479'),
  sealed: hex(
    'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
  ),
};

describe('HPKE', () => {
  it('agrees with the vector of RFC 9180 A.1.1, step by step', () => {
    expect(rawPublicKey(privateKeyObject('x25519', A11.skR)).equals(A11.pkR)).toBe(true);
    expect(rawPublicKey(privateKeyObject('x25519', A11.skE)).equals(A11.enc)).toBe(true);
    const dh = diffieHellman({
      privateKey: privateKeyObject('x25519', A11.skE),
      publicKey: publicKeyObject('x25519', A11.pkR),
    });
    const secret = kemSecret(dh, A11.enc, A11.pkR);
    expect(secret.toString('hex')).toBe(A11.secret.toString('hex'));
    const schedule = keySchedule(secret, A11.info, AES_128_GCM);
    expect(schedule.key.toString('hex')).toBe(A11.key.toString('hex'));
    expect(schedule.nonce.toString('hex')).toBe(A11.nonce.toString('hex'));
  });

  it('seals and opens the vector as a whole', () => {
    const whole = Buffer.concat([A11.enc, A11.sealed]);
    const ephemeral = { privateKey: Buffer.from(A11.skE), publicKey: A11.enc };
    const sealed = sealWith(ephemeral, AES_128_GCM, A11.pkR, A11.info, A11.aad, A11.plain);
    expect(sealed.toString('hex')).toBe(whole.toString('hex'));
    expect(openWith(AES_128_GCM, A11.skR, A11.info, A11.aad, whole).equals(A11.plain)).toBe(true);
  });

  it('opens only with the right key, purpose and associated data', () => {
    const pair = generateRawKeyPair('x25519');
    const info = Buffer.from('purpose');
    const aad = Buffer.from('fields');
    const plain = randomBytes(32);
    const sealed = hpkeSeal(pair.publicKey, info, aad, plain);
    expect(hpkeOpen(pair.privateKey, info, aad, sealed).equals(plain)).toBe(true);
    const other = generateRawKeyPair('x25519').privateKey;
    expect(() => hpkeOpen(other, info, aad, sealed)).toThrow(unavailable);
    expect(() => hpkeOpen(pair.privateKey, aad, aad, sealed)).toThrow(unavailable);
    expect(() => hpkeOpen(pair.privateKey, info, info, sealed)).toThrow(unavailable);
    for (let at = 0; at < sealed.length; at++) {
      const copy = Buffer.from(sealed);
      copy[at] = (copy[at] ?? 0) ^ 1;
      expect(() => hpkeOpen(pair.privateKey, info, aad, copy)).toThrow(unavailable);
    }
    expect(() => hpkeOpen(pair.privateKey, info, aad, sealed.subarray(0, 40))).toThrow(unavailable);
  });

  it('refuses a public key of small order', () => {
    const pair = generateRawKeyPair('x25519');
    const sealed = Buffer.alloc(64);
    expect(() => hpkeOpen(pair.privateKey, Buffer.alloc(0), Buffer.alloc(0), sealed)).toThrow(
      unavailable,
    );
  });
});

describe('raw keys', () => {
  it.each(['ed25519', 'x25519'] as const)('survive the way to %s key objects and back', (curve) => {
    const pair = generateRawKeyPair(curve);
    const object = privateKeyObject(curve, pair.privateKey);
    expect(rawPrivateKey(object).equals(pair.privateKey)).toBe(true);
    expect(rawPublicKey(object).equals(pair.publicKey)).toBe(true);
    expect(rawPublicKey(publicKeyObject(curve, pair.publicKey)).equals(pair.publicKey)).toBe(true);
  });
});
