/** A record in a temporary folder that goes when the test does. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { RecordOptions } from '#core/record/options.ts';
import { setUpIn, type Setup } from '../../support/record.ts';

export * from '../../support/record.ts';

export function tempFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'custos-record-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function setUp(overrides: Partial<RecordOptions> = {}): Setup {
  return setUpIn({ dir: tempFolder(), machineDir: tempFolder() }, overrides);
}

/** A copy of everything in the workspace's folder; `back` puts it where it was. */
export function snapshot(dir: string): { back(): void } {
  const copy = tempFolder();
  cpSync(dir, copy, { recursive: true });
  return {
    back() {
      rmSync(dir, { recursive: true });
      cpSync(copy, dir, { recursive: true });
    },
  };
}
