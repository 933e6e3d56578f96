/**
 * What passes between the core and a decoder process: one request, one answer, told apart by id.
 * Both sides check what they get. The decoder is given bytes and nothing else; the core treats the
 * decoder as what it may be after hostile bytes, somebody else's program.
 */
import { RUNGS, type ShownRung } from '#shared/domain/words.ts';
import { MAX_BOX, MAX_INPUT_BYTES, THUMBNAIL_SIDE } from './limits.ts';
import { PDQ_BYTES } from './pdq.ts';
import { UNREADABLE_CODES, type Reason } from './refusals.ts';
import type { PictureFacts, Rendition } from './types.ts';

/** Facts without the type: the core sniffs that itself. */
export type DecodedFacts = Omit<PictureFacts, 'readable' | 'mime' | 'ext'>;
export type Rendered = Omit<Rendition, 'mime'>;

export type DecoderWork =
  | { kind: 'analyse'; bytes: Uint8Array }
  | { kind: 'render'; bytes: Uint8Array; rung: ShownRung; box: number };
export type DecoderRequest = DecoderWork & { id: number };

export type DecoderOutcome =
  | { kind: 'facts'; facts: DecodedFacts }
  | { kind: 'rendered'; rendered: Rendered }
  | ({ kind: 'failed' } & Reason);
export type DecoderAnswer = DecoderOutcome & { id: number };

/** The first thing a decoder says: its libraries are loaded and it can be given work. */
export const READY = { kind: 'ready' } as const;

export function isReady(message: unknown): boolean {
  return isRecord(message) && message['kind'] === READY.kind;
}

/** Longest sentence and largest pictures the core takes from a decoder. */
const MAX_REASON = 500;
const MAX_THUMBNAIL_BYTES = 1024 * 1024;
const MAX_RENDITION_BYTES = 64 * 1024 * 1024;
/** The longest side any of the formats can claim. */
const MAX_SIDE = 2 ** 31;

/** SECURITY: null for anything that is not exactly a request. */
export function parseRequest(message: unknown): DecoderRequest | null {
  if (!isRecord(message)) return null;
  const { id, kind, bytes, rung, box } = message;
  if (!isWhole(id, 1, Number.MAX_SAFE_INTEGER) || !isBytes(bytes, MAX_INPUT_BYTES)) return null;
  if (kind === 'analyse') return { id, kind, bytes };
  if (kind !== 'render' || !isShownRung(rung) || !isWhole(box, 1, MAX_BOX)) return null;
  return { id, kind, bytes, rung, box };
}

/**
 * SECURITY: null for anything that is not exactly an answer to request `id` of this kind. Sizes are
 * bounded, pictures must be JPEG, sentences are plain characters.
 */
export function parseAnswer(
  message: unknown,
  id: number,
  asked: DecoderWork['kind'],
): DecoderOutcome | null {
  if (!isRecord(message) || message['id'] !== id) return null;
  if (message['kind'] === 'failed') return parseFailure(message);
  if (message['kind'] === 'facts' && asked === 'analyse') return parseFacts(message['facts']);
  if (message['kind'] === 'rendered' && asked === 'render')
    return parseRendered(message['rendered']);
  return null;
}

function parseFailure({ code, reason }: Record<string, unknown>): DecoderOutcome | null {
  const known = UNREADABLE_CODES.find((each) => each === code);
  if (!known || typeof reason !== 'string' || reason.length > MAX_REASON) return null;
  return /^[\x20-\x7e]*$/.test(reason) ? { kind: 'failed', code: known, reason } : null;
}

function parseFacts(value: unknown): DecoderOutcome | null {
  if (!isRecord(value)) return null;
  const { width, height, frames, pdq, pdqQuality, thumbnail, thumbnailSize } = value;
  if (!isWhole(width, 1, MAX_SIDE) || !isWhole(height, 1, MAX_SIDE)) return null;
  if (!isWhole(frames, 1, MAX_SIDE * 2) || !isWhole(pdqQuality, 0, 100)) return null;
  if (pdq !== null && !(isBytes(pdq, 8 * PDQ_BYTES) && pdq.length === 8 * PDQ_BYTES)) return null;
  if (!isJpeg(thumbnail, MAX_THUMBNAIL_BYTES) || !isRecord(thumbnailSize)) return null;
  const { width: across, height: down } = thumbnailSize;
  if (!isWhole(across, 1, THUMBNAIL_SIDE) || !isWhole(down, 1, THUMBNAIL_SIDE)) return null;
  const facts = { width, height, frames, pdq, pdqQuality, thumbnail };
  return { kind: 'facts', facts: { ...facts, thumbnailSize: { width: across, height: down } } };
}

function parseRendered(value: unknown): DecoderOutcome | null {
  if (!isRecord(value)) return null;
  const { bytes, width, height } = value;
  if (!isJpeg(bytes, MAX_RENDITION_BYTES)) return null;
  if (!isWhole(width, 1, MAX_BOX) || !isWhole(height, 1, MAX_BOX)) return null;
  return { kind: 'rendered', rendered: { bytes, width, height } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isBytes(value: unknown, most: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= most;
}

function isJpeg(value: unknown, most: number): value is Uint8Array {
  return isBytes(value, most) && value[0] === 0xff && value[1] === 0xd8 && value[2] === 0xff;
}

function isShownRung(value: unknown): value is ShownRung {
  return value !== 0 && RUNGS.some((rung) => rung === value);
}
