import { describe, expect, it } from 'vitest';
import {
  checkpointOrigin,
  parseCheckpoint,
  signCheckpoint,
  verifierKey,
  verifyCheckpoint,
} from '#core/record/checkpoint.ts';
import { generateRawKeyPair, privateKeyObject, publicKeyObject } from '#core/vault/curve-keys.ts';
import { createHash, verify } from 'node:crypto';

const pair = generateRawKeyPair('ed25519');
const key = privateKeyObject('ed25519', pair.privateKey);
const origin = checkpointOrigin('0123abcd');
const root = createHash('sha256').update('root').digest();
const note = signCheckpoint({ origin, size: 42, root }, key, pair.publicKey);
const check = (text: string, of = origin, by = pair.publicKey) => verifyCheckpoint(text, of, by);

/** An independent reader of signed notes, as golang.org/x/mod/sumdb/note describes them. */
function readNote(text: string, vkey: string): string | null {
  const [name = '', hash = '', ...rest] = vkey.split('+');
  const keyBytes = Buffer.from(rest.join('+'), 'base64');
  const split = text.lastIndexOf('\n\n');
  const body = text.slice(0, split + 1);
  for (const line of text
    .slice(split + 2)
    .trimEnd()
    .split('\n')) {
    const [, who, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const blob = Buffer.from(encoded, 'base64');
    if (who !== name || blob.toString('hex', 0, 4) !== hash) continue;
    const good = verify(
      null,
      Buffer.from(body),
      publicKeyObject('ed25519', keyBytes.subarray(1)),
      blob.subarray(4),
    );
    return good ? body : null;
  }
  return null;
}

describe('a checkpoint', () => {
  it('is a signed note that another reader of the format accepts', () => {
    expect(note.split('\n').slice(0, 4)).toEqual([origin, '42', root.toString('base64'), '']);
    expect(readNote(note, verifierKey(origin, pair.publicKey))).toBe(
      `${origin}\n42\n${root.toString('base64')}\n`,
    );
    expect(check(note)).toEqual({ origin, size: 42, root });
  });

  it('is refused with any one character changed', () => {
    for (let i = 0; i < note.length; i += 1) {
      const changed = `${note.slice(0, i)}${note[i] === 'A' ? 'B' : 'A'}${note.slice(i + 1)}`;
      expect(check(changed), `character ${i}`).toBeNull();
    }
  });

  it('is refused with another key, another origin, or without our signature', () => {
    const other = generateRawKeyPair('ed25519');
    expect(check(note, origin, other.publicKey)).toBeNull();
    expect(check(note, checkpointOrigin('else'))).toBeNull();
    const forged = signCheckpoint(
      { origin, size: 42, root },
      privateKeyObject('ed25519', other.privateKey),
      pair.publicKey,
    );
    expect(check(forged)).toBeNull();
    const stranger = note.replace(`— ${origin} `, '— somebody ');
    expect(check(stranger)).toBeNull();
  });

  it("keeps its meaning beside a witness's signature", () => {
    const witness = Buffer.alloc(68, 7).toString('base64');
    expect(check(`${note}— witness ${witness}\n`)).toEqual({ origin, size: 42, root });
  });

  it.each([
    ['a size with a leading zero', note.replace('\n42\n', '\n042\n')],
    ['a negative size', note.replace('\n42\n', '\n-42\n')],
    ['a size beyond exact numbers', note.replace('\n42\n', '\n9999999999999999\n')],
    ['a root that is too short', note.replace(root.toString('base64'), 'AAAA')],
    ['another line in the text', note.replace('\n42\n', '\n42\nmore\n')],
    ['no signature', note.slice(0, note.indexOf('\n\n') + 2)],
    ['no last line end', note.slice(0, -1)],
    ['nothing', ''],
  ])('is not read with %s', (_, text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });
});
