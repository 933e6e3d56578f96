/**
 * Reads findings.json as it streams by, for checking. Stricter than JSON: exactly the layout that
 * findings.ts writes, so that a file of any size is read line by line and cannot mean two things.
 */
import { z } from 'zod';
import { FINDINGS_FORMAT } from './findings.ts';

/** One line is one item with all its places; a longer one is not ours. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const header = z.looseObject({
  format: z.literal(FINDINGS_FORMAT),
  bundle: z.looseObject({ edition: z.string() }),
  case: z.looseObject({ ref: z.string() }),
  record: z.looseObject({
    origin: z.string().nullable(),
    size: z.int(),
    root: z.string(),
    checkpointKey: z.base64(),
  }),
  signer: z.looseObject({ name: z.string(), fingerprint: z.string() }),
});
export type FindingsHeader = z.infer<typeof header>;

const item = z.looseObject({
  number: z.int().positive(),
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
});
export type FoundItem = z.infer<typeof item>;

const LISTS = ['refusals', 'stacks', 'items'];

export interface FindingsReader {
  /** Throws a SyntaxError that completes "findings.json …". */
  push(bytes: Uint8Array): void;
  end(): FindingsHeader;
}

/** `onItem` is called for each item in order. */
export function findingsReader(onItem: (item: FoundItem) => void): FindingsReader {
  const keys: Record<string, unknown> = {};
  const lists = new Set<string>();
  let list: string | null = null;
  /** What the line before allows: in a list, "comma" means that another row must follow. */
  let state: 'open' | 'keys' | 'first' | 'comma' | 'last' | 'close' | 'done' = 'open';
  let number = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  const bad = (): SyntaxError =>
    new SyntaxError(`is not laid out as it should be (line ${String(number)})`);

  function parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      // What the parser says quotes the file; where it is wrong is enough.
      throw bad();
    }
  }

  function key(line: string): void {
    const match = /^"(\w+)": (.+)$/.exec(line);
    const [, name = '', value = ''] = match ?? [];
    if (!match || name in keys || lists.has(name)) throw bad();
    if (value === '[') {
      list = name;
      lists.add(name);
      state = 'first';
      return;
    }
    if (!value.endsWith(',')) throw bad();
    keys[name] = parse(value.slice(0, -1));
  }

  function row(line: string): void {
    const more = line.endsWith(',');
    const value = parse(more ? line.slice(0, -1) : line);
    state = more ? 'comma' : 'last';
    if (list !== 'items') return;
    const parsed = item.safeParse(value);
    if (!parsed.success) throw new SyntaxError(`has an item without its facts (${String(number)})`);
    onItem(parsed.data);
  }

  function take(line: string): void {
    number += 1;
    if (state === 'open') {
      if (line !== '{') throw bad();
      state = 'keys';
    } else if (state === 'keys') {
      key(line);
    } else if (state === 'close') {
      if (line !== '}') throw bad();
      state = 'done';
    } else if (state === 'done') {
      throw bad();
    } else if (line === '],' || line === ']') {
      if (state === 'comma') throw bad();
      list = null;
      state = line === ']' ? 'close' : 'keys';
    } else {
      if (state === 'last') throw bad();
      row(line);
    }
  }

  function line(end: Uint8Array): void {
    const bytes = Buffer.concat([...waiting, end]);
    waiting = [];
    waitingBytes = 0;
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      throw new SyntaxError('is not UTF-8');
    }
    take(text);
  }

  return {
    push(bytes) {
      let start = 0;
      for (;;) {
        const at = bytes.indexOf(0x0a, start);
        if (at < 0) break;
        line(bytes.subarray(start, at));
        start = at + 1;
      }
      const rest = bytes.subarray(start);
      waitingBytes += rest.length;
      if (waitingBytes > MAX_LINE_BYTES) throw new SyntaxError('has a line that is too long');
      if (rest.length > 0) waiting.push(Uint8Array.from(rest));
    },
    end() {
      if (state !== 'done' || waitingBytes > 0) throw bad();
      if (LISTS.some((name) => !lists.has(name))) throw new SyntaxError('lacks one of its lists');
      const parsed = header.safeParse(keys);
      if (!parsed.success) throw new SyntaxError('lacks one of its opening facts');
      return parsed.data;
    },
  };
}
