/** Pictures as the rest of the core sees them: facts about bytes, and renditions of them. */
import type { ErrorCode } from '#shared/domain/errors.ts';
import type { ShownRung } from '#shared/domain/words.ts';

/** Why bytes could not be read as a picture. The bytes are evidence all the same. */
export interface Unreadable {
  readable: false;
  code: Extract<
    ErrorCode,
    | 'NOT_A_PICTURE'
    | 'PICTURE_UNREADABLE'
    | 'PICTURE_TOO_LARGE'
    | 'DECODE_TIMEOUT'
    | 'DECODE_KILLED'
  >;
  /** A sentence, without the file's name. */
  reason: string;
  /** By content; `application/octet-stream` where nothing is recognised. */
  mime: string;
  ext: string;
}

export interface PictureFacts {
  readable: true;
  mime: string;
  ext: string;
  /** As stored, before any EXIF orientation. */
  width: number;
  height: number;
  frames: number;
  /** 8 × 32 bytes: the hash in the order of ORIENTATIONS, the first as stored. Null if side < 5. */
  pdq: Uint8Array | null;
  pdqQuality: number;
  /** JPEG, longest side at most 320, upright. */
  thumbnail: Uint8Array;
  thumbnailSize: { width: number; height: number };
}

export interface Rendition {
  mime: 'image/jpeg';
  bytes: Uint8Array;
  width: number;
  height: number;
}

/** A pool of decoders. */
export interface Media {
  analyse(bytes: Uint8Array): Promise<PictureFacts | Unreadable>;
  /** `box`: longest side wanted, in device pixels. Throws a CustosError with an Unreadable code. */
  render(bytes: Uint8Array, wanted: { rung: ShownRung; box: number }): Promise<Rendition>;
  /** Ends every decoder. Work in flight fails with CANCELLED. */
  close(): Promise<void>;
}
