/** Whatever is done to a bundle on its way, the check says so; left alone, it says good. */
import { createHash, generateKeyPairSync, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshFingerprint } from '#core/access/ssh-fingerprint.ts';
import { ALGORITHMS, manifestName, tagManifestName } from '#core/bundle/bagit.ts';
import { allowedSigners } from '#core/bundle/signers.ts';
import { allowedSignersLine, NAMESPACE, type KnownSigner } from '#core/bundle/ssh-key.ts';
import { signSsh } from '#core/bundle/sshsig.ts';
import { verifyBundle } from '#core/bundle/verify.ts';
import { rawPublicKey } from '#core/vault/curve-keys.ts';
import type { BundleVerification } from '#shared/contract/bundles.ts';
import {
  bundleOf,
  codeOf,
  encrypted,
  makeCase,
  makePlace,
  tarOf,
  unpack,
  type Place,
} from '../../integration/bundle/fixture.ts';

type Files = Map<string, Buffer>;

let place: Place;
let known: KnownSigner[];
let sealed: Buffer;
let files: Files;
let file: string;

beforeAll(async () => {
  place = await makePlace();
  const session = await place.workspace.open();
  const made = await makeCase(session);
  ({ file } = await bundleOf(place, session, made.caseId));
  known = allowedSigners(session);
  sealed = readFileSync(file);
  files = await unpack(file, place.key);
  place.workspace.close();
});
afterAll(() => {
  place.workspace.remove();
});

const verify = (target: string, signers: KnownSigner[] | null = known) =>
  verifyBundle({
    file: target,
    identityFile: place.key.file,
    signersFile: null,
    ...(signers ? { knownSigners: signers } : {}),
  });

/** The result, or null where it was refused as no bundle at all. */
async function outcome(bytes: Buffer): Promise<BundleVerification | null> {
  const target = place.path('tampered');
  writeFileSync(target, bytes);
  try {
    return await verify(target);
  } catch (error) {
    expect((error as { code?: string }).code).toBe('BUNDLE_INVALID');
    return null;
  }
}

const failed = (result: BundleVerification | null): string[] =>
  (result?.checks ?? []).filter((check) => check.outcome === 'bad').map((check) => check.name);

describe('the encrypted file', () => {
  it('is good when nothing was done to it', async () => {
    expect((await outcome(sealed))?.good).toBe(true);
  });

  it('is never good after a flip, at 200 random places', async () => {
    // The header and the very end are few bytes of many, so they are aimed at besides.
    const places = Array.from({ length: 200 }, (_, index) =>
      index < 60
        ? randomInt(250)
        : index < 80
          ? sealed.length - 1 - randomInt(40)
          : randomInt(sealed.length),
    );
    for (const at of places) {
      const bytes = Buffer.from(sealed);
      bytes[at]! ^= 1 << randomInt(8);
      expect((await outcome(bytes))?.good ?? false, `byte ${String(at)}`).toBe(false);
    }
  });

  it('is never good cut short, lengthened or re-ordered', async () => {
    const cuts = [0, 10, 100, 300, sealed.length >> 1, sealed.length - 17, sealed.length - 1];
    for (const length of cuts) {
      expect((await outcome(sealed.subarray(0, length)))?.good ?? false).toBe(false);
    }
    expect((await outcome(Buffer.concat([sealed, Buffer.alloc(1)])))?.good).toBe(false);
    const chunk = 65536 + 16;
    const start = sealed.length % chunk;
    const swapped = Buffer.concat([
      sealed.subarray(0, start),
      sealed.subarray(start + chunk, start + 2 * chunk),
      sealed.subarray(start, start + chunk),
      sealed.subarray(start + 2 * chunk),
    ]);
    expect((await outcome(swapped))?.good).toBe(false);
  });

  it('says which: the key does not fit, or the file was changed', async () => {
    const bytes = Buffer.from(sealed);
    bytes[bytes.length >> 1]! ^= 1;
    const result = await outcome(bytes);
    expect(result?.checks[0]?.detail).toMatch(/changed or cut short/);
    expect(result?.checks.slice(1).every((check) => check.outcome === 'not-checked')).toBe(true);
  });

  it('stays good when it is decrypted and encrypted to somebody else', async () => {
    expect((await outcome(await encrypted(await tarOf(files), place.key)))?.good).toBe(true);
  });
});

describe('the plain archive', () => {
  const check = async (changed: Iterable<[string, Buffer]>) => outcome(await tarOf(changed));

  it('is good when nothing was done to it', async () => {
    const result = await check(files);
    expect(result?.good).toBe(true);
    expect(result?.checks[0]).toMatchObject({ name: 'Encryption', outcome: 'not-checked' });
  });

  it('is bad after a flip in any of its files', async () => {
    for (const name of files.keys()) {
      for (let round = 0; round < 5; round++) {
        const content = Buffer.from(files.get(name)!);
        content[randomInt(content.length)]! ^= 1 << randomInt(8);
        const result = await check(new Map(files).set(name, content));
        expect(result?.good ?? false, name).toBe(false);
      }
    }
  });

  it('is bad with any file missing', async () => {
    for (const name of files.keys()) {
      const fewer = new Map(files);
      fewer.delete(name);
      const result = await check(fewer);
      expect(result?.good ?? false, name).toBe(false);
    }
  });

  it('is bad with anything added, renamed or doubled', async () => {
    for (const name of ['extra.txt', 'data/extra.bin', 'data/items/000009_00.jpg', 'fetch.txt']) {
      expect((await check(new Map(files).set(name, Buffer.from('x'))))?.good).toBe(false);
    }
    for (const name of files.keys()) {
      const renamed = [...files].map(([one, bytes]): [string, Buffer] => [
        one === name ? `${one}x` : one,
        bytes,
      ]);
      expect((await check(renamed))?.good ?? false, name).toBe(false);
    }
    expect((await check([...files, ['bagit.txt', files.get('bagit.txt')!]]))?.good).toBe(false);
  });

  it('is bad with an unsigned file smuggled in by the tag manifest that is not signed', async () => {
    const extra = Buffer.from('read me');
    const line = `${createHash('sha256').update(extra).digest('hex')}  readme.txt\n`;
    const unsigned = Buffer.concat([files.get('tagmanifest-sha256.txt')!, Buffer.from(line)]);
    const changed = new Map(files).set('readme.txt', extra);
    const result = await check(changed.set('tagmanifest-sha256.txt', unsigned));
    expect(failed(result)).toEqual(['Completeness']);
  });

  it('is bad when another picture is put in and every hash is made to fit', async () => {
    const name = [...files.keys()].find((one) => one.startsWith('data/items/'))!;
    const changed = rehash(new Map(files).set(name, Buffer.from('another picture')));
    expect(failed(await check(changed))).toEqual(['Signature', 'Findings']);
  });

  it('is bad when all of it is signed anew by a stranger, where the signers are known', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const publicKey = rawPublicKey(stranger);
    const changed = new Map(files);
    changed.set('allowed_signers', Buffer.from(allowedSignersLine('ines@00000000', publicKey)));
    const info = files.get('bag-info.txt')!.toString();
    const named = info.replace(/SHA256:\S+/, sshFingerprint(publicKey));
    rehash(changed.set('bag-info.txt', Buffer.from(named)));
    const signature = signSsh(
      changed.get('tagmanifest-sha512.txt')!,
      NAMESPACE,
      stranger,
      publicKey,
    );
    changed.set('tagmanifest-sha512.txt.sig', Buffer.from(signature));
    expect(failed(await check(changed))).toEqual(['Signer']);

    // Without a list of signers nobody can know; the fingerprint is there to be compared.
    const result = await verify(place.path('tampered'), null);
    expect(result.signer).toMatchObject({ known: false, fingerprint: sshFingerprint(publicKey) });
    expect(result.checks.find((one) => one.name === 'Signer')?.outcome).toBe('not-checked');
  });

  it('is bad when the findings lie and everything else fits, but for the signature', async () => {
    const lies: [string, (text: string) => string][] = [
      ['data/findings.json', (text) => text.replace('"bytes":1000,', '"bytes":1001,')],
      ['data/findings.json', (text) => text.replace('"number":2,', '"number":3,')],
      [
        'data/findings.json',
        (text) => text.replace('\n"items": [', '\n"items": [\n],\n"items": ['),
      ],
      ['data/findings.json', (text) => text.replace('"case":', ' "case":')],
      ['data/items.csv', (text) => text.replace('\r\n1,', '\r\n7,')],
      ['data/items.csv', (text) => text.replace(/\r\n1,[^\n]*/, '')],
      ['data/record/checkpoint.txt', (text) => text.replace(/\n\d+\n/, '\n999\n')],
    ];
    for (const [name, lie] of lies) {
      const text = files.get(name)!.toString();
      expect(lie(text)).not.toBe(text);
      const changed = rehash(new Map(files).set(name, Buffer.from(lie(text))));
      const names = failed(await check(changed));
      expect(names, lie.toString()).toContain('Signature');
      expect(names.length, lie.toString()).toBeGreaterThan(1);
    }
  });
});

describe('the unpacked folder', () => {
  function unpackTo(name: string): string {
    const dir = place.path(name);
    for (const [inside, bytes] of files) {
      mkdirSync(path.dirname(path.join(dir, inside)), { recursive: true });
      writeFileSync(path.join(dir, inside), bytes);
    }
    return dir;
  }

  it('is good when nothing was done to it, and bad with a file added', async () => {
    const dir = unpackTo('folder');
    expect((await verify(dir)).good).toBe(true);
    writeFileSync(path.join(dir, 'note.txt'), 'mine');
    const result = await verify(dir);
    expect(failed(result)).toEqual(['Completeness']);
    expect(result.checks.find((check) => check.outcome === 'bad')?.detail).toContain('note.txt');
  });

  it('is not followed through a link', async () => {
    const dir = unpackTo('linked');
    rmSync(path.join(dir, 'data/items.csv'));
    symlinkSync('/etc/passwd', path.join(dir, 'data/items.csv'));
    const result = await verify(dir);
    expect(result.good).toBe(false);
    expect(result.checks[0]?.detail).toMatch(/not followed/);
  });
});

describe('what is no bundle', () => {
  it('is refused by name, each in its own way', async () => {
    const text = place.path('text');
    writeFileSync(text, 'just some text');
    expect(await codeOf(verify(text))).toBe('BUNDLE_INVALID');
    expect(await codeOf(verify(place.workspace.dir))).toBe('BUNDLE_INVALID');
    expect(await codeOf(verify(place.path('nowhere')))).toBe('SOURCE_UNREADABLE');
    const without = verifyBundle({ file, identityFile: null, signersFile: null });
    expect(await codeOf(without)).toBe('BAD_REQUEST');
    const wrongKey = verifyBundle({ file, identityFile: text, signersFile: null });
    expect(await codeOf(wrongKey)).toBe('BAD_REQUEST');
    const noSigners = verifyBundle({ file, identityFile: place.key.file, signersFile: text });
    expect(await codeOf(noSigners)).toBe('BAD_REQUEST');
  });

  it('reads a list of signers as ssh-keygen does', async () => {
    const list = place.path('signers');
    writeFileSync(list, files.get('allowed_signers')!);
    const input = { file, identityFile: place.key.file, signersFile: list };
    expect((await verifyBundle(input)).signer?.known).toBe(true);
    const other = rawPublicKey(generateKeyPairSync('ed25519').privateKey);
    writeFileSync(list, allowedSignersLine('other@x', other));
    expect(failed(await verifyBundle(input))).toEqual(['Signer']);
  });
});

/** Makes every manifest fit again, as somebody without the signing key could. */
function rehash(changed: Files): Files {
  const isPayload = (name: string): boolean => name.startsWith('data/');
  const lines = (algorithm: string, choose: (name: string) => boolean): Buffer =>
    Buffer.from(
      [...changed]
        .filter(([name]) => choose(name))
        .map(([name, bytes]) => `${createHash(algorithm).update(bytes).digest('hex')}  ${name}\n`)
        .join(''),
    );
  const sum = [...changed].filter(([name]) => isPayload(name));
  const bytes = sum.reduce((total, [, content]) => total + content.length, 0);
  const info = changed.get('bag-info.txt')!.toString();
  const oxum = `Payload-Oxum: ${String(bytes)}.${String(sum.length)}`;
  changed.set('bag-info.txt', Buffer.from(info.replace(/Payload-Oxum: .*/, oxum)));
  for (const algorithm of ALGORITHMS) {
    changed.set(manifestName(algorithm), lines(algorithm, isPayload));
  }
  const isTag = (name: string): boolean => !isPayload(name) && !name.startsWith('tagmanifest-');
  for (const algorithm of ALGORITHMS) {
    changed.set(tagManifestName(algorithm), lines(algorithm, isTag));
  }
  return changed;
}
