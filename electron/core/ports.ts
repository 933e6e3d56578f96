/**
 * What the core needs from whoever hosts it (Electron, the development host, the command line,
 * a test) and cannot know by itself. Only these are ever faked in a test.
 */

export interface Clock {
  now(): Date;
  /** Milliseconds that never run backwards. */
  monotonicMs(): number;
}

/** A process that decodes pictures: no key, no path, no database. Messages are structured-cloned. */
export interface DecoderProcess {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** `reason` is a sentence fragment such as "signal SIGKILL" or "exit code 3". */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
  /** Resident memory in bytes, or null where the platform does not tell. */
  residentBytes(): number | null;
}

/** The host's own dialogs. They answer with paths; the core turns those into opaque choices. */
export interface Dialogs {
  chooseWorkspace(purpose: 'open' | 'create'): Promise<string | null>;
  chooseSources(kind: 'files' | 'folder'): Promise<string[] | null>;
  chooseTarget(suggestedName: string): Promise<string | null>;
  chooseReceived(): Promise<{ file: string; identity: string | null } | null>;
}

export interface LogEntry {
  level: 'info' | 'warning' | 'error';
  /** Ids and codes only: never names, paths, hashes or secrets. */
  text: string;
  incident?: string;
  stack?: string;
}

export interface Ports {
  host: 'electron' | 'development' | 'command-line';
  clock: Clock;
  /** Folder that holds `law-packs/`. */
  resourcesDir: string;
  /**
   * This machine's private folder, outside every workspace: last seen size and root of each
   * record, recently opened workspaces.
   */
  machineDir: string;
  /** How many decoders may run at once. */
  decoders: number;
  spawnDecoder(): DecoderProcess;
  dialogs: Dialogs;
  log(entry: LogEntry): void;
  /**
   * Cost of turning a password into a key. `test` is cheap, is written into the slot by name, and
   * the product refuses to open a workspace made with it.
   */
  passwordCost: 'product' | 'test';
}
