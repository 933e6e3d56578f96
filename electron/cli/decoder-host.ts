/**
 * Decoder processes for hosts that are plain Node. The process gets an almost empty environment, a
 * neutral folder, no standard streams, Node's permission model (it may read program code and
 * nothing else, write nothing, start nothing), and, on a Linux that allows it, a network namespace
 * with nothing in it.
 *
 * The permission model binds JavaScript only; libvips is native code and is bound by the process
 * being killable, holding no secret, and having no network.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DecoderProcess } from '#core/ports.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const ENTRY = path.join(ROOT, 'electron', 'workers', 'decode.entry.ts');
/** All that a decoder reads: its own code, the words it shares, and its libraries. */
const READABLE = [
  'electron/workers',
  'electron/core/media',
  'electron/hosting',
  'shared',
  'node_modules',
  'package.json',
];

const NODE_FLAGS = [
  '--permission',
  // sharp is a native addon.
  '--allow-addons',
  ...READABLE.map((each) => `--allow-fs-read=${path.join(ROOT, each)}`),
  '--disallow-code-generation-from-strings',
  '--single-threaded-gc',
];

export interface DecoderCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

/** How a decoder is started; `what` is the program, so that a test can put a probe in its place. */
export function decoderCommand(what: string[] = [ENTRY]): DecoderCommand {
  const node = [process.execPath, ...NODE_FLAGS, ...what];
  const [command = process.execPath, ...args] = networkIsDetachable()
    ? [UNSHARE, ...DETACHED, ...node]
    : node;
  const windows = process.platform === 'win32' ? { SystemRoot: 'C:\\Windows' } : {};
  // SECURITY: nothing of our own environment is handed on.
  const env = { VIPS_BLOCK_UNTRUSTED: '1', ...windows };
  return { command, args, env, cwd: path.parse(ROOT).root };
}

const UNSHARE = '/usr/bin/unshare';
const DETACHED = ['--user', '--net', '--'];
let detachable: boolean | undefined;

/** Whether this machine lets an ordinary user leave the network behind. Asked once. */
export function networkIsDetachable(): boolean {
  detachable ??=
    existsSync(UNSHARE) &&
    spawnSync(UNSHARE, [...DETACHED, process.execPath, '--version'], { stdio: 'ignore' }).status ===
      0;
  return detachable;
}

export function forkDecoder(): DecoderProcess {
  const { command, args, env, cwd } = decoderCommand();
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    windowsHide: true,
  });
  let over: string | null = null;
  const listeners: ((reason: string) => void)[] = [];
  const end = (reason: string): void => {
    if (over !== null) return;
    over = reason;
    for (const listener of listeners) listener(reason);
  };
  child.on('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
  // Could not be started, or its wire broke; either way it is of no more use.
  child.on('error', (error) => {
    child.kill('SIGKILL');
    end(error.message);
  });

  return {
    send(message) {
      // Failures come back through 'error'.
      child.send(message as object, (error) => {
        if (error) child.emit('error', error);
      });
    },
    onMessage(listener) {
      child.on('message', listener);
    },
    onExit(listener) {
      if (over === null) listeners.push(listener);
      else listener(over);
    },
    kill() {
      child.kill('SIGKILL');
    },
    residentBytes: () => (over === null && child.pid ? residentBytesOf(child.pid) : null),
  };
}

/** From Linux' own account of the process; null elsewhere, and once it is gone. */
function residentBytesOf(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return kilobytes ? Number(kilobytes[1]) * 1024 : null;
  } catch {
    // The process ended between two looks; its exit is reported by itself.
    return null;
  }
}
