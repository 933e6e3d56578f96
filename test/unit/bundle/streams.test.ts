import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { CustosError } from '#shared/domain/errors.ts';
import { decryptWith, encryptTo, parseIdentities, parseRecipients } from '#core/bundle/age.ts';
import { packTar, readTar, type TarInput } from '#core/bundle/tar.ts';
import { haveTool, runTool } from '../../support/stock-tools.ts';

async function* chunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function* each<T>(list: T[]): AsyncGenerator<T> {
  yield* list;
}
async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of stream) all.push(chunk);
  return Buffer.concat(all);
}
async function listTar(bytes: Buffer): Promise<[string, string][]> {
  const files: [string, string][] = [];
  for await (const entry of readTar(chunks(bytes))) {
    files.push([entry.path, (await collect(entry.content)).toString('latin1')]);
  }
  return files;
}

describe('tar', () => {
  const big = randomBytes(300_000);
  const inputs = (): TarInput[] => [
    { path: 'empty.txt', bytes: 0, content: [] },
    { path: 'data/big.bin', bytes: big.length, content: chunks(big, 777) },
    { path: 'last.txt', bytes: 2, content: [Buffer.from('ok')] },
  ];

  it('reads what it writes', async () => {
    const archive = await collect(packTar(each(inputs()), new Date(0)));
    const files = await listTar(archive);
    expect(files.map(([name]) => name)).toEqual(['empty.txt', 'data/big.bin', 'last.txt']);
    expect(files[1]?.[1]).toBe(big.toString('latin1'));
  });

  it('lets a reader pass over what it does not want', async () => {
    const archive = await collect(packTar(each(inputs()), new Date(0)));
    const names: string[] = [];
    for await (const entry of readTar(chunks(archive))) names.push(entry.path);
    expect(names).toHaveLength(3);
  });

  it('fails when an entry fails or has another size than it said', async () => {
    const short = [{ path: 'a', bytes: 5, content: [Buffer.from('abc')] }];
    await expect(collect(packTar(each(short), new Date(0)))).rejects.toThrow();
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      throw new Error('the disk went away');
    }
    const failing = [{ path: 'a', bytes: 20, content: broken() }];
    await expect(collect(packTar(each(failing), new Date(0)))).rejects.toThrow('went away');
  });

  it('stops its source when nobody reads on', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(65536);
      } finally {
        closed = true;
      }
    }
    const input = [{ path: 'a', bytes: 2 ** 40, content: endless() }];
    for await (const chunk of packTar(each(input), new Date(0))) if (chunk.length > 0) break;
    expect(closed).toBe(true);
  });

  it('refuses a cut archive, noise, and a failing source', async () => {
    const archive = await collect(packTar(each(inputs()), new Date(0)));
    await expect(listTar(archive.subarray(0, 200_000))).rejects.toThrow('cut short');
    await expect(listTar(randomBytes(4096))).rejects.toThrow('cannot be read as tar');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield archive.subarray(0, 5000);
      throw new CustosError('SOURCE_UNREADABLE', 'unplugged');
    }
    const drain = async (): Promise<void> => {
      for await (const entry of readTar(failing())) await collect(entry.content);
    };
    await expect(drain()).rejects.toThrow('unplugged');
  });

  const hostile: [string, (archive: ReturnType<typeof pack>) => void, RegExp][] = [
    ['..', (a) => a.entry({ name: '../up' }, 'x'), /leads out/],
    ['an absolute name', (a) => a.entry({ name: '/etc/x' }, 'x'), /root of the disk/],
    ['a drive', (a) => a.entry({ name: 'C:/x' }, 'x'), /drive/],
    ['a link', (a) => a.entry({ name: 'l', type: 'symlink', linkname: '/etc/passwd' }), /neither/],
    ['a hard link', (a) => a.entry({ name: 'l', type: 'link', linkname: 'a' }), /neither/],
    ['a device', (a) => a.entry({ name: 'd', type: 'character-device' }), /neither/],
    [
      'one name twice',
      (a) => {
        a.entry({ name: 'a' }, '1');
        a.entry({ name: './a' }, '2');
      },
      /same name/,
    ],
  ];
  it.each(hostile)('refuses %s', async (_, make, sentence) => {
    const archive = pack();
    make(archive);
    archive.finalize();
    const bytes = await collect(archive as unknown as AsyncIterable<Uint8Array>);
    await expect(listTar(bytes)).rejects.toThrow(sentence);
  });
});

describe('age recipients', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const hybrid = await identityToRecipient(await generateHybridIdentity());

  it('takes each once', async () => {
    expect(await parseRecipients([` ${recipient} `, recipient])).toEqual([recipient]);
    expect(await parseRecipients([hybrid])).toEqual([hybrid]);
  });

  it('says which one is wrong and why', async () => {
    const typo = recipient.slice(0, 20) + (recipient[20] === 'q' ? 'p' : 'q') + recipient.slice(21);
    const wrong: [string, RegExp][] = [
      [typo, /Recipient 2 .*checksum/],
      [recipient.slice(0, -3), /Recipient 2 .*checksum/],
      ['somebody@example.org', /Recipient 2 .*age1/],
      ['', /Recipient 2 is not an age/],
      ['ssh-ed25519 AAAA', /SSH key/],
      ['age1yubikey1qqqqqqq', /plugin/],
    ];
    for (const [text, sentence] of wrong) {
      const failure = parseRecipients([recipient, text]);
      await expect(failure).rejects.toMatchObject({ code: 'UNKNOWN_RECIPIENT' });
      await expect(failure).rejects.toThrow(sentence);
    }
  });

  it('never repeats a secret key pasted by mistake', async () => {
    const failure = await parseRecipients([identity]).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/secret key/);
    expect(String(failure)).not.toContain(identity.slice(16, 30));
  });

  it('refuses to weaken post-quantum recipients by a classical one', async () => {
    await expect(parseRecipients([hybrid, recipient])).rejects.toThrow(/post-quantum/);
  });

  it('reads key files and never repeats their lines', () => {
    expect(parseIdentities(`# created: now\n# public key: x\n${identity}\n`)).toEqual([identity]);
    const bad = (text: string): string => {
      try {
        parseIdentities(text);
      } catch (error) {
        return String(error);
      }
      return 'accepted';
    };
    expect(bad('')).toMatch(/no age secret key/);
    expect(bad('hunter2\n')).toMatch(/Line 1/);
    expect(bad('hunter2\n')).not.toContain('hunter2');
    const damaged = `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`;
    expect(bad(damaged)).toMatch(/damaged/);
    expect(bad(damaged)).not.toContain(damaged.slice(18, 30));
    expect(bad('age-encryption.org/v1\n-> scrypt')).toMatch(/itself encrypted/);
  });
});

describe('age streams', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const plain = randomBytes(200_000);
  const encrypt = async (): Promise<Buffer> =>
    collect((await encryptTo([recipient], chunks(plain))).cipher);

  it('opens with the key, and with the read-back key until it is wiped', async () => {
    const { cipher, readBack } = await encryptTo([recipient], chunks(plain));
    const bytes = await collect(cipher);
    expect((await collect(decryptWith([identity], chunks(bytes)))).equals(plain)).toBe(true);
    const again = collect(decryptWith([readBack.identity], chunks(bytes)));
    expect((await again).equals(plain)).toBe(true);
    // Reading back must not have added anybody who can open the file.
    expect(bytes.subarray(0, 400).toString('latin1').match(/^-> /gm)).toHaveLength(1);
    readBack.wipe();
    await expect(collect(decryptWith([readBack.identity], chunks(bytes)))).rejects.toThrow();
  });

  it('says whether the key or the file is wrong', async () => {
    const bytes = await encrypt();
    const other = await generateX25519Identity();
    await expect(collect(decryptWith([other], chunks(bytes)))).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
    });
    for (const cut of [bytes.length - 1, 150_000, 65_536 + 200, 100]) {
      await expect(
        collect(decryptWith([identity], chunks(bytes.subarray(0, cut)))),
      ).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    }
  });

  it('does not read for ever where the header never ends', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('age-encryption.org/v1\n');
      for (;;) yield Buffer.alloc(65536, 'a');
    }
    await expect(collect(decryptWith([identity], endless()))).rejects.toThrow(/no header/);
  });

  it.skipIf(!haveTool('age'))('is opened by age', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'custos-age-'));
    writeFileSync(path.join(dir, 'f'), await encrypt());
    writeFileSync(path.join(dir, 'k'), `${identity}\n`);
    const args = ['-d', '-i', path.join(dir, 'k'), '-o', path.join(dir, 'o'), path.join(dir, 'f')];
    expect(runTool('age', args).status).toBe(0);
    expect(readFileSync(path.join(dir, 'o')).equals(plain)).toBe(true);
    rmSync(dir, { recursive: true });
  });
});
