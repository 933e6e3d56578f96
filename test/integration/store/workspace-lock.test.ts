import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock, LOCK_FILE } from '#core/store/workspace-lock.ts';
import { codeOf, folder } from './support.ts';

const CHILD = fileURLToPath(new URL('hold-lock.child.ts', import.meta.url));

describe('the workspace lock', () => {
  it('is held once in a process, and can be taken again after its release', () => {
    const dir = folder();
    const lock = acquireLock(dir);
    expect(codeOf(() => acquireLock(dir))).toBe('WORKSPACE_BUSY');
    lock.release();
    lock.release();
    acquireLock(dir).release();
    // It holds nothing, not even a database.
    expect(statSync(path.join(dir, LOCK_FILE)).size).toBe(0);
  });

  it('of one workspace is not that of another', () => {
    const locks = [acquireLock(folder()), acquireLock(folder())];
    for (const lock of locks) lock.release();
  });

  it('keeps another process out, and is free the moment that process is killed', async () => {
    const dir = folder();
    const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('held\n');
    expect(codeOf(() => acquireLock(dir))).toBe('WORKSPACE_BUSY');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    acquireLock(dir).release();
  });

  it('a failed attempt inside this process does not let another process in', async () => {
    const dir = folder();
    const lock = acquireLock(dir);
    expect(codeOf(() => acquireLock(dir))).toBe('WORKSPACE_BUSY');
    const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const errors: Buffer[] = [];
    child.stderr.on('data', (part: Buffer) => errors.push(part));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).not.toBe(0);
    expect(Buffer.concat(errors).toString()).toContain('WORKSPACE_BUSY');
    lock.release();
  });

  it('of a folder that is gone is a typed failure', () => {
    const dir = folder();
    rmSync(dir, { recursive: true });
    expect(codeOf(() => acquireLock(dir))).toBe('IO_FAILED');
  });
});
