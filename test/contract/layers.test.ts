/**
 * Plants one violation of every layer rule in a small copy of the house and expects the checker to
 * name that rule. A rule nobody planted a violation for fails the test too.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const config = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  forbidden: { name: string }[];
};

/** Clean files that the violations point at. */
const targets = [
  'shared/a.ts',
  'electron/core/vault/a.ts',
  'electron/core/store/a.ts',
  'electron/core/record/a.ts',
  'electron/core/access/a.ts',
  'electron/core/media/a.ts',
  'electron/core/jobs/a.ts',
  'electron/core/intake/a.ts',
  'electron/core/review/a.ts',
  'electron/core/bundle/a.ts',
  'electron/core/api/a.ts',
  'electron/main/a.ts',
  'renderer/ui/a.ts',
  'renderer/features/door/a.ts',
  'test/a.ts',
];

/** rule → file with the violation → what it imports (from the root, or a package). */
const planted: Record<string, [file: string, imports: string]> = {
  'no-circles': ['shared/circle-a.ts', 'shared/circle-b.ts'],
  'no-unresolvable': ['shared/lost.ts', 'shared/nowhere.ts'],
  'shared-knows-nobody': ['shared/bad.ts', 'electron/core/vault/a.ts'],
  'vault-at-the-bottom': ['electron/core/vault/bad.ts', 'electron/core/store/a.ts'],
  'media-alone': ['electron/core/media/bad.ts', 'electron/core/vault/a.ts'],
  'jobs-alone': ['electron/core/jobs/bad.ts', 'electron/core/store/a.ts'],
  'store-on-vault': ['electron/core/store/bad.ts', 'electron/core/record/a.ts'],
  'record-on-vault': ['electron/core/record/bad.ts', 'electron/core/store/a.ts'],
  'access-on-the-ground-floor': ['electron/core/access/bad.ts', 'electron/core/media/a.ts'],
  'features-apart': ['electron/core/intake/bad.ts', 'electron/core/review/a.ts'],
  'features-below-api': ['electron/core/review/bad.ts', 'electron/core/api/a.ts'],
  'core-without-electron': ['electron/core/api/bad.ts', 'electron'],
  'core-knows-no-host': ['electron/core/api/bad-host.ts', 'electron/main/a.ts'],
  'main-holds-no-keys': ['electron/main/bad.ts', 'electron/core/vault/a.ts'],
  'preload-is-a-letter-box': ['electron/preload/bad.ts', 'shared/a.ts'],
  'screens-look-at-nothing-below': ['renderer/ui/bad.ts', 'electron/core/vault/a.ts'],
  'screens-without-node': ['renderer/ui/bad-node.ts', 'node:fs'],
  'rooms-apart': ['renderer/features/cases/bad.ts', 'renderer/features/door/a.ts'],
  'sqlite-in-store-only': ['electron/core/review/bad-sql.ts', 'better-sqlite3'],
  'sharp-in-decoder-only': ['electron/core/api/bad-sharp.ts', 'sharp'],
  'nobody-imports-tests': ['electron/core/api/bad-test.ts', 'test/a.ts'],
};

let house: string;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  writeFileSync(join(house, file), text);
}

function brokenRules(): string[] {
  let report: string;
  const args = [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'electron',
    'renderer',
    'shared',
    'test',
  ];
  try {
    report = execFileSync(
      process.execPath,
      [join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'), ...args],
      { cwd: house, encoding: 'utf8', maxBuffer: 1e8 },
    );
  } catch (error) {
    report = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(report) as {
    summary: { violations: { rule: { name: string } }[] };
  };
  return [...new Set(summary.violations.map((violation) => violation.rule.name))].sort();
}

describe('the layers', () => {
  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'custos-layers-'));
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      cpSync(join(root, file), join(house, file));
    mkdirSync(join(house, 'electron'));
    cpSync(join(root, 'electron/tsconfig.json'), join(house, 'electron/tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
    for (const file of targets) write(file, 'export const a = 1;\n');
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  it('find nothing wrong in a clean house', () => {
    expect(brokenRules()).toEqual([]);
  });

  it('name every rule that is broken', () => {
    for (const [file, imports] of Object.values(planted)) {
      const ours = /^(shared|electron|renderer|test)\//.test(imports);
      const up = '../'.repeat(file.split('/').length - 1);
      write(file, `import * as x from '${ours ? up + imports : imports}';\nexport const y = x;\n`);
    }
    write('shared/circle-b.ts', "export * from './circle-a.ts';\n");
    expect(brokenRules()).toEqual(config.forbidden.map((rule) => rule.name).sort());
    expect(Object.keys(planted).sort()).toEqual(config.forbidden.map((rule) => rule.name).sort());
  });
});
