/** One interface for every host the end-to-end specs run in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import type { Workstation } from '#core/workstation.ts';
import type { Answers } from '#electron/main/test-build.ts';

export type { Answers };

export interface OpenAppOptions {
  /** What the host's dialogs answer; whatever is left out chooses nothing. */
  answers?: Partial<Answers>;
  size?: { width: number; height: number };
  /** This machine's own folder; a fresh one where it is left out. */
  machineDir?: string;
}

export interface App {
  host: 'browser' | 'electron';
  /** Ask for it anew after a lock: a host may have opened another window. */
  readonly page: Page;
  /** Only where the core runs in this process. */
  workstation?: Workstation;
  /** Changes what the dialogs answer from now on. */
  answer(answers: Partial<Answers>): Promise<void>;
  close(): Promise<void>;
}

export type OpenApp = (options?: OpenAppOptions) => Promise<App>;

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');

export const NO_ANSWERS: Answers = { workspace: null, sources: null, target: null, received: null };

/** A folder that is gone when the test is. */
export async function temporaryFolder(name: string): Promise<{
  path: string;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(path.join(tmpdir(), `custos-test-${name}-`));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
