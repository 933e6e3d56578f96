/**
 * Text that is written once, at one instant of the case, and read later piece by piece. Held
 * compressed in memory: tar states a file's size before its content, and nothing in the clear may
 * touch the disk.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const PIECE_CHARS = 1024 * 1024;
/** Fast rather than small: hashes, which are most of it, hardly compress. */
const LEVEL = 1;

export interface Spooled {
  /** UTF-8 bytes of the whole text. */
  readonly bytes: number;
  content(): Iterable<Buffer>;
}

export interface Spool {
  write(text: string): void;
  finish(): Spooled;
}

export function createSpool(): Spool {
  const pieces: Buffer[] = [];
  let waiting: string[] = [];
  let waitingChars = 0;
  let bytes = 0;

  function flush(): void {
    const piece = Buffer.from(waiting.join(''), 'utf8');
    waiting = [];
    waitingChars = 0;
    if (piece.length === 0) return;
    bytes += piece.length;
    pieces.push(deflateRawSync(piece, { level: LEVEL }));
  }

  return {
    write(text) {
      waiting.push(text);
      waitingChars += text.length;
      if (waitingChars >= PIECE_CHARS) flush();
    },
    finish() {
      flush();
      return {
        bytes,
        *content() {
          for (const piece of pieces) yield inflateRawSync(piece);
        },
      };
    },
  };
}
