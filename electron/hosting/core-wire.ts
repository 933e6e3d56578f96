/** The messages between a host and a core that runs in a process of its own. */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Dialogs, Ports } from '#core/ports.ts';

export interface CoreSettings {
  machineDir: string;
  resourcesDir: string;
  decoders: number;
  passwordCost: Ports['passwordCost'];
}

export type LockReason = 'command' | 'idle' | 'suspend' | 'closed';

export type ToCore =
  | { t: 'start'; settings: CoreSettings }
  | { t: 'call'; id: number; channel: string; input: unknown }
  | { t: 'picture'; id: number; token: string }
  | { t: 'lock'; id: number; why: LockReason }
  | { t: 'activity' }
  | { t: 'dialog-answer'; id: number; value: unknown }
  /** Comes with the port that leads to the decoder. */
  | { t: 'decoder-ready'; id: number }
  | { t: 'decoder-memory'; id: number; bytes: number }
  | { t: 'decoder-exit'; id: number; reason: string };

export type FromCore =
  | { t: 'answer'; id: number; value: unknown }
  | { t: 'event'; event: CoreEvent }
  | { t: 'dialog'; id: number; ask: keyof Dialogs; argument: unknown }
  | { t: 'decoder-spawn'; id: number }
  | { t: 'decoder-kill'; id: number };

/** One end of a message port; Electron's and Node's differ, so each host brings an adapter. */
export interface Port {
  post(message: unknown): void;
  /** `ports` are those that came along with the message. */
  onMessage(listener: (message: unknown, ports: readonly Port[]) => void): void;
}
