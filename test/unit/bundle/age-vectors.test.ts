/** The format's own test vectors (C2SP CCTV/age), through our stream. */
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import * as vectors from 'cctv-age';
import { describe, expect, it } from 'vitest';
import { decryptWith } from '#core/bundle/age.ts';
import { isCustosError } from '#shared/domain/errors.ts';

interface Vector {
  name: string;
  expect: string;
  payload: string;
  identities: string[];
  body: Buffer;
}

/** `key: value` lines, an empty line, then the file. Null for what bundles never are. */
function read(name: string, bytes: Uint8Array): Vector | null {
  const all = Buffer.from(bytes);
  const end = all.indexOf('\n\n');
  const lines = all.subarray(0, end).toString('utf8').split('\n');
  const fields = lines.map((line) => line.split(': ') as [string, string]);
  const values = (key: string): string[] =>
    fields.filter(([one]) => one === key).map(([, value]) => value);
  if (values('armored').length > 0 || values('passphrase').length > 0) return null;
  const body = all.subarray(end + 2);
  return {
    name,
    expect: values('expect')[0] ?? '',
    payload: values('payload')[0] ?? '',
    identities: values('identity'),
    body: values('compressed').length > 0 ? inflateSync(body) : body,
  };
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function open(vector: Vector): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of decryptWith(vector.identities, chunks(vector.body))) hash.update(chunk);
  return hash.digest('hex');
}

describe('age test vectors', () => {
  const table = 'default' in vectors ? (vectors['default'] as object) : vectors;
  const all = Object.entries(table)
    .map(([name, bytes]) => read(name, bytes as Uint8Array))
    .filter((vector) => vector !== null && vector.identities.length > 0) as Vector[];

  it('are opened or refused as each says', async () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((vector) => vector.expect === 'success').length).toBeGreaterThan(5);
    for (const vector of all) {
      const result = await open(vector).catch((error: unknown) => error);
      if (vector.expect === 'success') expect(result, vector.name).toBe(vector.payload);
      else expect(isCustosError(result), `${vector.name}: ${String(result)}`).toBe(true);
    }
  });
});
