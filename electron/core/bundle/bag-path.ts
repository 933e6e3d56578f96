/** Names inside a bag: which are safe, and how a manifest writes them (RFC 8493, 2.1.3). */

/** Longer names cannot be unpacked on every system. */
const MAX_PATH = 1024;

/** What is wrong with a path inside a bag (completes "it …"), or null. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length > MAX_PATH) return 'is too long';
  if (path.startsWith('/')) return 'begins at the root of the disk';
  if (path.startsWith('~')) return 'begins in a home folder';
  if (/^[A-Za-z]:/.test(path)) return 'names a drive';
  if (path.includes('\\')) return 'holds a backslash';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/.test(path))
    return 'holds a control character';
  const parts = path.split('/');
  if (parts.includes('..')) return 'leads out of the bag';
  if (parts.includes('.') || parts.includes('')) return 'is not written plainly';
  return null;
}

/** A path as a manifest writes it: only CR, LF and the percent sign are encoded. */
export function encodePath(path: string): string {
  return path.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

export function decodePath(written: string): string {
  return written
    .replace(/^(\.\/)+/, '')
    .replaceAll(/%0D/gi, '\r')
    .replaceAll(/%0A/gi, '\n')
    .replaceAll('%25', '%');
}
