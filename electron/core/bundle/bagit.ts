/** The tag files of a BagIt 1.0 bag (RFC 8493), as Custos writes them. */
import { encodePath } from './bag-path.ts';

export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** Payload and tag manifests are written with both; a reader may rely on either. */
export const ALGORITHMS = ['sha256', 'sha512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface FileDigest {
  path: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  sha512: string;
}

export function manifestName(algorithm: Algorithm): string {
  return `manifest-${algorithm}.txt`;
}

export function tagManifestName(algorithm: Algorithm): string {
  return `tagmanifest-${algorithm}.txt`;
}

/** Lines as `sha256sum` and `sha512sum` write and check them. */
export function manifest(algorithm: Algorithm, files: readonly FileDigest[]): string {
  return files.map((file) => `${file[algorithm]}  ${encodePath(file.path)}\n`).join('');
}

/** A value of bag-info.txt is one line: control characters become spaces. */
export function oneLine(value: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return value.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

/** bag-info.txt. */
export function bagInfo(fields: readonly (readonly [label: string, value: string])[]): string {
  return fields.map(([label, value]) => `${label}: ${oneLine(value)}\n`).join('');
}

/** "bytes.files" of the payload, as bag-info.txt states it. */
export function payloadOxum(payload: readonly FileDigest[]): string {
  const bytes = payload.reduce((sum, file) => sum + file.bytes, 0);
  return `${String(bytes)}.${String(payload.length)}`;
}
