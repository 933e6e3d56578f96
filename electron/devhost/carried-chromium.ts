/**
 * The Chromium that the development package `@sparticuz/chromium` carries, for machines that have
 * none. Unpacked here and not by the package itself: that would write to fixed names in the
 * system's temporary folder, where another user could have put a program of the same name first.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { extract } from 'tar-stream';

export interface Chromium {
  executable: string;
  /** False for the build that comes inside a package: it has no windows at all. */
  canShowWindows: boolean;
  /** Added to the environment of the browser. */
  env: Record<string, string>;
}

/** Null where the package is not installed or does not fit this machine (it is Linux only). */
export async function carriedChromium(): Promise<Chromium | null> {
  if (process.platform !== 'linux') return null;
  const packed = packageFolder();
  if (!packed) return null;
  const { version } = JSON.parse(await readFile(path.join(packed, 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = path.join(await cacheFolder(packed), `chromium-${version}-${process.arch}`);
  if (!existsSync(home)) await unpack(path.join(packed, 'bin'), home);
  return {
    executable: path.join(home, 'chromium'),
    canShowWindows: false,
    // A bare machine has no fonts and no font configuration.
    env: existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: path.join(home, 'fonts') },
  };
}

function packageFolder(): string | null {
  try {
    const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
    return path.resolve(entry, '../..');
  } catch {
    // A development package: absent in an installed Custos.
    return null;
  }
}

/** Beside the installed packages, which are trusted already; else a private folder of this run. */
async function cacheFolder(packed: string): Promise<string> {
  const modules = path.resolve(packed, '../..');
  const cache = path.join(modules, '.cache', 'custos');
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
    return cache;
  } catch {
    return mkdtemp(path.join(tmpdir(), 'custos-chromium-'));
  }
}

/** Unpacks beside the final place and renames, so that a half-unpacked browser is never used. */
async function unpack(bin: string, home: string): Promise<void> {
  await mkdir(path.dirname(home), { recursive: true });
  const making = await mkdtemp(`${home}-`);
  try {
    await pipeline(
      createReadStream(path.join(bin, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(path.join(making, 'chromium'), { mode: 0o700 }),
    );
    await untar(path.join(bin, 'fonts.tar.br'), path.join(making, 'fonts'));
    // Software drawing; looked for beside the program.
    await untar(path.join(bin, 'swiftshader.tar.br'), making);
    await rename(making, home);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process was first: its copy is as good.
    if (!existsSync(home)) throw error;
  }
}

async function untar(archive: string, into: string): Promise<void> {
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createBrotliDecompress(), entries);
  for await (const entry of entries) {
    const target = path.join(into, path.normalize(`/${entry.header.name}`));
    if (entry.header.type === 'directory') await mkdir(target, { recursive: true });
    if (entry.header.type === 'file') {
      await mkdir(path.dirname(target), { recursive: true });
      await pipeline(
        Readable.from(entry),
        createWriteStream(target, { mode: entry.header.mode ?? 0o600 }),
      );
    } else {
      entry.resume();
    }
  }
  await reading;
}
