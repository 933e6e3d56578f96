/** The public test data, where it is present (docs/architecture.md); never part of the project. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(
  process.env['CUSTOS_CORPORA'] ?? path.join(import.meta.dirname, '../../../../shared/data'),
);

/** The folder, or null after saying loudly that tests are skipped. */
export function corpus(name: string): string | null {
  const folder = path.join(ROOT, name);
  if (existsSync(folder)) return folder;
  console.warn(`SKIPPED: test data "${name}" is absent; set CUSTOS_CORPORA to its folder.`);
  return null;
}

/** Every file below, in a fixed order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
