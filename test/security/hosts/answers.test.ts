import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnswer, type Answer } from '#electron/hosting/answer.ts';
import { SECURITY_HEADERS } from '#electron/hosting/csp.ts';
import { loadStaticFiles } from '#electron/hosting/static-files.ts';
import { temporaryFolder } from '../../hosts/app.ts';
import { createFakeCore } from './fake-core.ts';

const TOKEN = '0123456789abcdef'.repeat(2);
const ORIGIN = 'custos://app';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let answer: Answer;
const core = createFakeCore(new Uint8Array([1, 2, 3]));

beforeAll(async () => {
  folder = await temporaryFolder('answers');
  const root = path.join(folder.path, 'renderer');
  await mkdir(path.join(root, 'assets'), { recursive: true });
  await writeFile(path.join(folder.path, 'secret.txt'), 'secret');
  await writeFile(path.join(root, 'index.html'), '<!doctype html>');
  await writeFile(path.join(root, 'assets', 'a.js'), '1');
  await writeFile(path.join(root, 'assets', 'a.js.map'), '{}');
  await writeFile(path.join(root, 'assets', 'program.exe'), 'x');
  await symlink(path.join(folder.path, 'secret.txt'), path.join(root, 'linked.txt'));
  await symlink(folder.path, path.join(root, 'up'));
  answer = createAnswer({
    origin: ORIGIN,
    files: await loadStaticFiles(root),
    picture: (token) => core.picture(token),
  });
});
afterAll(() => folder.remove());

const get = (url: string, navigation = false) => answer({ method: 'GET', url, navigation });

describe('the answers of a host', () => {
  it.each(['/', '/index.html', '/assets/a.js', '/?'.slice(0, 1)])('serves %s', async (name) => {
    const response = await get(ORIGIN + name);
    expect(response?.status).toBe(200);
    expect(response?.headers).toMatchObject(SECURITY_HEADERS);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..\\..\\secret.txt',
    '//secret.txt',
    '/linked.txt',
    '/up/secret.txt',
    '/assets/program.exe',
    '/assets/a.js.map',
    '/assets',
    '/assets/',
    '/INDEX.HTML',
    '/index.html%00.js',
    '/etc/passwd',
  ])('has nothing at %s', async (name) => {
    const response = await get(ORIGIN + name);
    expect(response?.status).toBe(404);
    expect(response?.body).toHaveLength(0);
  });

  it.each([
    'custos://other/',
    'custos://app.example.com/',
    'custos://app@other/',
    'custos://user@app/',
    'https://app/',
    'file:///etc/passwd',
    'custos://app/?x=1',
    'not an address',
  ])('cancels %s', async (url) => expect(await get(url)).toBeNull());

  it('lets only the page itself be a document', async () => {
    expect((await get(`${ORIGIN}/`, true))?.status).toBe(200);
    expect(await get(`${ORIGIN}/assets/a.js`, true)).toBeNull();
    expect(await get(`${ORIGIN}/look/${TOKEN}`, true)).toBeNull();
  });

  it('answers GET only', async () => {
    const response = await answer({ method: 'POST', url: `${ORIGIN}/`, navigation: false });
    expect(response?.status).toBe(405);
  });

  it('asks the core for a well-formed lease only, and its headers cannot loosen ours', async () => {
    core.lease = TOKEN;
    core.pictures.length = 0;
    for (const bad of ['', 'x', `${TOKEN}0`, TOKEN.toUpperCase(), `${TOKEN}/`, '..%2fkeys']) {
      expect((await get(`${ORIGIN}/look/${bad}`))?.status).toBe(403);
    }
    expect(core.pictures).toEqual([]);
    const shown = await get(`${ORIGIN}/look/${TOKEN}`);
    expect(shown).toMatchObject({ status: 200, headers: SECURITY_HEADERS });
    expect(shown?.headers['content-type']).toBe('image/jpeg');
    expect((await get(`${ORIGIN}/look/${TOKEN}`))?.status).toBe(403);
    expect(core.pictures).toEqual([TOKEN, TOKEN]);
  });

  it('says 503 where the core has ended', async () => {
    const dead = createAnswer({
      origin: ORIGIN,
      files: new Map(),
      picture: () => Promise.reject(new Error('gone')),
    });
    const response = await dead({
      method: 'GET',
      url: `${ORIGIN}/look/${TOKEN}`,
      navigation: false,
    });
    expect(response?.status).toBe(503);
  });

  it('says what to do where the screens were not built', async () => {
    await expect(loadStaticFiles(path.join(folder.path, 'nowhere'))).rejects.toThrow(
      'npm run build',
    );
  });
});
