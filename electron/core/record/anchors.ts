/**
 * This machine's own memory of every record it has seen: the last size and root, kept outside the
 * workspace. It finds what no file inside the workspace can: that a whole workspace was put back
 * to an earlier state, or cut short with everything that belongs to it.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { nodeFiles, writeFileDurably } from './files.ts';
import { sha256 } from './sha.ts';

export interface Anchor {
  /** Entries. */
  size: number;
  /** Root of the tree over them, 64 hex characters. */
  root: string;
}

export interface Anchors {
  /** Null where this machine has not seen the record. Throws IO_FAILED where it cannot be told. */
  get(workspaceId: string): Anchor | null;
  /** Durable on return. Throws IO_FAILED. */
  put(workspaceId: string, anchor: Anchor): void;
}

/** `machineDir`: this machine's private folder (Ports.machineDir). */
export function openAnchors(machineDir: string): Anchors {
  const dir = path.join(machineDir, 'anchors');

  function fileOf(workspaceId: string): string {
    // Named by a hash: an id read from a workspace's header never becomes part of a path.
    return path.join(dir, `${sha256(Buffer.from(workspaceId)).toString('hex', 0, 16)}.json`);
  }

  return {
    get(workspaceId) {
      let text: string;
      try {
        text = readFileSync(fileOf(workspaceId), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw unreadable(error);
      }
      const anchor = parse(text, workspaceId);
      if (!anchor) throw unreadable(undefined);
      return anchor;
    },
    put(workspaceId, { size, root }) {
      const text = `${JSON.stringify({ version: 1, workspaceId, size, root })}\n`;
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
        writeFileDurably(nodeFiles, fileOf(workspaceId), Buffer.from(text));
      } catch (cause) {
        throw new CustosError(
          'IO_FAILED',
          'This machine could not keep its own note of how long the record is. Check that the user folder of Custos can be written to.',
          { cause },
        );
      }
    },
  };
}

function parse(text: string, workspaceId: string): Anchor | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // the caller says that the note cannot be read
  }
  const { version, workspaceId: of, size, root } = (value ?? {}) as Record<string, unknown>;
  if (version !== 1 || of !== workspaceId || typeof root !== 'string') return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  return /^[0-9a-f]{64}$/.test(root) ? { size, root } : null;
}

/** SECURITY: a damaged note is never taken for "not seen before": that would forget a rollback. */
function unreadable(cause: unknown): CustosError {
  return new CustosError(
    'IO_FAILED',
    "This machine's own note of how long the record was cannot be read. Have the record verified against an earlier checkpoint, then remove the note from the `anchors` folder of Custos.",
    { cause },
  );
}
