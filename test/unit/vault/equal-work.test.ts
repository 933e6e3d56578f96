/** An unknown member costs the same work as a wrong password: counted, not timed. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { generateRawKeyPair } from '#core/vault/curve-keys.ts';
import { identityOf, newHeader } from '#core/vault/header.ts';
import { openSlot, sealSlot, slotIdOf } from '#core/vault/slot.ts';

const asked = vi.hoisted(() => [] as object[]);
vi.mock('hash-wasm', () => ({
  argon2id: ({ memorySize, iterations, parallelism, hashLength }: Record<string, number>) => {
    asked.push({ memorySize, iterations, parallelism, hashLength });
    return Promise.resolve(new Uint8Array(32));
  },
}));

const key = generateRawKeyPair('ed25519');
const header = newHeader(new Date(), {
  recordPublic: key.publicKey,
  checkpointPublic: key.publicKey,
  founderPublic: key.publicKey,
});

beforeEach(() => {
  asked.length = 0;
});

describe.each(['product', 'test'] as const)('at the cost of the %s', (cost) => {
  it('asks for one hash of the same size, member or not', async () => {
    const secrets = {
      memberId: 'a'.repeat(32),
      name: 'Ines',
      encryption: key.privateKey,
      signing: key.privateKey,
      identity: identityOf(header),
    };
    const id = slotIdOf(header, 'Ines');
    const contents = await sealSlot(header, secrets, 'anything', cost);
    const refused = contents.replace(/"sealed": "../, '"sealed": "AA');
    await openSlot(header, id, refused, 'anything', cost).catch(() => null);
    await openSlot(header, id, null, 'anything', cost).catch(() => null);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toEqual(asked[1]);
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[0]).toMatchObject(
      cost === 'product' ? { memorySize: 262_144, iterations: 3, parallelism: 4 } : {},
    );
  });
});
