/** A recipient has no Custos: the three commands of the report, as they stand there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle } from '#core/bundle/verify.ts';
import { haveTool } from '../../support/stock-tools.ts';
import { bundleOf, makeCase, makePlace, unpack, type Place } from './fixture.ts';

const have =
  ['age', 'tar', 'sha512sum', 'ssh-keygen'].filter((name) => !haveTool(name)).length === 0;

describe.skipIf(!have)('opened by stock tools', () => {
  let place: Place;
  let file: string;
  let dir: string;
  let commands: string[];
  beforeAll(async () => {
    place = await makePlace();
    const session = await place.workspace.open();
    const { caseId } = await makeCase(session);
    ({ file } = await bundleOf(place, session, caseId, 'op 7.tar.age'));
    place.workspace.close();
    dir = place.path('opened');
    mkdirSync(dir);
    const report = (await unpack(file, place.key)).get('data/report.html')!.toString();
    const text = /<pre class="mono">([^]*?)<\/pre>/.exec(report)![1]!;
    commands = text.replaceAll('&lt;', '<').replaceAll('&#39;', "'").trim().split('\n');
  });
  afterAll(() => {
    place.workspace.remove();
  });
  const run = (command: string) =>
    spawnSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8', stdio: 'pipe' });

  it('decrypts, checks and verifies with the commands the report prints', () => {
    expect(commands).toHaveLength(3);
    const [decrypt, hashes, signature] = commands as [string, string, string];
    expect(decrypt).toContain("'op 7.tar.age'");
    const opened = run(decrypt.replace('key.txt', '../key.txt').replace("'op 7", "'../op 7"));
    expect(opened.stderr).toBe('');
    expect(opened.status).toBe(0);
    const checked = run(hashes);
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
    const lines = checked.stdout.trim().split('\n');
    expect(lines.every((line) => line.endsWith(': OK'))).toBe(true);
    expect(lines).toHaveLength(9 + 5);
    const verified = run(signature);
    expect(verified.stdout).toContain('Good "custos-bundle" signature');
    expect(verified.status).toBe(0);
  });

  it('is good for Custos as the folder that age and tar made, and as their archive', async () => {
    const input = { identityFile: null, signersFile: path.join(dir, 'allowed_signers') };
    expect((await verifyBundle({ ...input, file: dir })).good).toBe(true);
    for (const format of ['gnu', 'pax', 'ustar']) {
      const archive = place.path(`again-${format}.tar`);
      execFileSync('tar', ['-cf', archive, `--format=${format}`, '-C', dir, '.']);
      expect((await verifyBundle({ ...input, file: archive })).good, format).toBe(true);
    }
  });

  it('holds what the findings say, file by file', () => {
    const findings = JSON.parse(readFileSync(path.join(dir, 'data/findings.json'), 'utf8')) as {
      items: { file: string; sha256: string }[];
    };
    expect(readdirSync(path.join(dir, 'data/items'))).toHaveLength(findings.items.length);
    for (const item of findings.items) {
      const bytes = readFileSync(path.join(dir, item.file));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(item.sha256);
    }
  });

  it('is refused by the same commands once a byte is different', () => {
    appendFileSync(path.join(dir, 'data/items.csv'), ' ');
    expect(run(commands[1]!).status).not.toBe(0);
    appendFileSync(path.join(dir, 'tagmanifest-sha512.txt'), ' ');
    expect(run(commands[2]!).status).not.toBe(0);
  });
});
