import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createChoices } from '#core/api/choices.ts';
import { createIdleTimer } from '#core/api/idle.ts';
import { recentWorkspaces, rememberWorkspace } from '#core/api/recents.ts';
import { temporaryFolder, testClock, testPorts, type TestPorts } from '../../support/workspace.ts';

describe('choices', () => {
  it('give a token that tells nothing and cannot be guessed', () => {
    const choices = createChoices();
    const chosen = ['/evidence/a.jpg', '/evidence/b.jpg'];
    const token = choices.keep(chosen);
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(choices.keep(chosen)).not.toBe(token);
    chosen.push('/etc/shadow');
    expect(choices.paths(token)).toEqual(['/evidence/a.jpg', '/evidence/b.jpg']);
    expect(choices.path(token)).toBe('/evidence/a.jpg');
  });

  it('know nothing that was not chosen, nor what was forgotten', () => {
    const choices = createChoices();
    const token = choices.keep(['/a']);
    const unknown = expect.objectContaining({ code: 'NOT_FOUND' }) as Error;
    expect(() => choices.paths('0'.repeat(32))).toThrowError(unknown);
    expect(() => choices.paths('__proto__')).toThrowError(unknown);
    expect(() => choices.path(choices.keep([]))).toThrowError(unknown);
    choices.forget();
    expect(() => choices.paths(token)).toThrowError(unknown);
  });
});

describe('the idle timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('expires once after nobody did anything, and waits for work', () => {
    let busy = false;
    const expired = vi.fn();
    const timer = createIdleTimer(1000, { busy: () => busy, expired });
    timer.touch();
    vi.advanceTimersByTime(5000);
    expect(expired).not.toHaveBeenCalled();
    timer.start();
    vi.advanceTimersByTime(900);
    timer.touch();
    vi.advanceTimersByTime(900);
    expect(expired).not.toHaveBeenCalled();
    busy = true;
    vi.advanceTimersByTime(5000);
    expect(expired).not.toHaveBeenCalled();
    busy = false;
    vi.advanceTimersByTime(1000);
    expect(expired).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5000);
    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('does nothing once stopped, also when touched', () => {
    const expired = vi.fn();
    const timer = createIdleTimer(1000, { busy: () => false, expired });
    timer.start();
    timer.stop();
    timer.touch();
    vi.advanceTimersByTime(5000);
    expect(expired).not.toHaveBeenCalled();
  });
});

describe('recent workspaces', () => {
  function desk(): { ports: TestPorts; workspace: (name: string) => string } {
    const { dir, remove } = temporaryFolder();
    onTestFinished(remove);
    const ports = testPorts({ machineDir: path.join(dir, 'machine'), clock: testClock() });
    const workspace = (name: string): string => {
      mkdirSync(path.join(dir, name));
      writeFileSync(path.join(dir, name, 'custos.json'), '{}');
      return path.join(dir, name);
    };
    return { ports, workspace };
  }

  it('are listed newest first, each once, only those that are there, at most eight', () => {
    const { ports, workspace } = desk();
    const dirs = Array.from({ length: 9 }, (_, n) => workspace(`w${String(n)}`));
    expect(recentWorkspaces(ports)).toEqual([]);
    for (const dir of dirs) rememberWorkspace(ports, dir);
    rememberWorkspace(ports, dirs[4]!);
    rememberWorkspace(ports, path.join(path.dirname(dirs[0]!), 'gone'));
    const names = recentWorkspaces(ports).map((entry) => path.basename(entry.path));
    expect(names).toEqual(['w4', 'w8', 'w7', 'w6', 'w5', 'w3', 'w2']);
  });

  it.each(['', '{', '[{"path":1}]', '{"path":"/x"}'])('survive a damaged list: %s', (text) => {
    const { ports, workspace } = desk();
    mkdirSync(ports.machineDir, { recursive: true });
    writeFileSync(path.join(ports.machineDir, 'recent-workspaces.json'), text);
    expect(recentWorkspaces(ports)).toEqual([]);
    expect(ports.logged).toHaveLength(1);
    rememberWorkspace(ports, workspace('w'));
    expect(recentWorkspaces(ports)).toHaveLength(1);
  });

  it('do not keep a workspace from opening where they cannot be written', () => {
    const { ports, workspace } = desk();
    writeFileSync(ports.machineDir, 'a file where the folder should be');
    rememberWorkspace(ports, workspace('w'));
    expect(ports.logged.map((entry) => entry.level)).toEqual(['warning']);
    expect(readFileSync(ports.machineDir, 'utf8')).toContain('a file');
  });
});
