/**
 * A real encrypted workspace in a temporary folder, with passwords that are cheap to check. Every
 * test that touches storage uses one of its own; only ports are ever faked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Role } from '#shared/domain/words.ts';
import { createWorkspace } from '#core/access/create.ts';
import { addMember } from '#core/access/members.ts';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock, LogEntry, Ports } from '#core/ports.ts';

export const RESOURCES = path.resolve(import.meta.dirname, '../../resources');

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void;
}

export function testClock(start = '2026-11-22T10:00:00.000Z'): TestClock {
  let now = Date.parse(start);
  let mono = 0;
  return {
    now: () => new Date(now),
    monotonicMs: () => mono,
    advance(milliseconds) {
      now += milliseconds;
      mono += Math.max(0, milliseconds);
    },
  };
}

export const realClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** An empty folder; `remove` deletes it with all it holds. */
export function temporaryFolder(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'custos-test-'));
  return {
    dir,
    remove() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface TestPorts extends Ports {
  /** What was logged so far. */
  readonly logged: LogEntry[];
}

/**
 * Ports of a command line without dialogs and, unless given, without decoders. `machineDir` should
 * lie in the test's own temporary folder.
 */
export function testPorts(overrides: Partial<Ports> & { machineDir: string }): TestPorts {
  const logged: LogEntry[] = [];
  const noDialog = (): Promise<null> => Promise.resolve(null);
  return {
    host: 'command-line',
    clock: realClock,
    resourcesDir: RESOURCES,
    decoders: 2,
    spawnDecoder() {
      throw new Error('this test has no decoders; hand in spawnDecoder');
    },
    dialogs: {
      chooseWorkspace: noDialog,
      chooseSources: noDialog,
      chooseTarget: noDialog,
      chooseReceived: noDialog,
    },
    log(entry) {
      logged.push(entry);
    },
    passwordCost: 'test',
    ...overrides,
    logged,
  };
}

export interface TestMember {
  name: string;
  roles: readonly Role[];
}

export interface TestWorkspace {
  /** The workspace itself. */
  readonly dir: string;
  /** A folder beside it that is the test's own; deleted with it. */
  readonly folder: string;
  readonly ports: TestPorts;
  readonly fingerprint: string;
  readonly recoveryWords: string[];
  readonly passwordOf: (name: string) => string;
  /** Unlocks as `name` (without it: the first member). One session at a time, as in the product. */
  readonly open: (name?: string) => Promise<Session>;
  /** Closes whatever `open` has opened. */
  readonly close: () => void;
  /** Closes and deletes everything. */
  readonly remove: () => void;
}

const FOUNDER: TestMember = {
  name: 'Ines Ortega',
  roles: ['investigator', 'legal', 'supervisor'],
};

/**
 * `members`: the first one founds the workspace and adds the others; without any, one member with
 * every role. The founder needs the roles supervisor and investigator (or legal).
 */
export async function makeWorkspace(
  options: { members?: readonly [TestMember, ...TestMember[]]; ports?: Partial<Ports> } = {},
): Promise<TestWorkspace> {
  const { dir: folder, remove } = temporaryFolder();
  const dir = path.join(folder, 'workspace');
  const ports = testPorts({ machineDir: path.join(folder, 'machine'), ...options.ports });
  const [founder, ...others] = options.members ?? [FOUNDER];
  const opened: Session[] = [];
  const passwordOf = (name: string): string => `seven otters juggle plums for ${name}`;
  const close = (): void => {
    for (const session of opened.splice(0)) session.close('command');
  };
  const open = async (name = founder.name): Promise<Session> => {
    const session = await openWorkspace(ports, dir, name, passwordOf(name));
    opened.push(session);
    return session;
  };
  const { fingerprint, recoveryWords } = await createWorkspace(ports, {
    dir,
    member: founder.name,
    password: passwordOf(founder.name),
    roles: founder.roles,
  });
  if (others.length > 0) {
    const session = await open();
    for (const { name, roles } of others) {
      await addMember(session, ports, { member: name, password: passwordOf(name), roles });
    }
    close();
  }
  return {
    dir,
    folder,
    ports,
    fingerprint,
    recoveryWords,
    passwordOf,
    open,
    close,
    remove() {
      close();
      remove();
    },
  };
}
