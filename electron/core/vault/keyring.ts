/** The keys of one unlocked member, checked against the header, and their end. */
import { CustosError } from '#shared/domain/errors.ts';
import { privateKeyObject, rawPrivateKey, rawPublicKey } from './curve-keys.ts';
import type { CompartmentKeys } from './grants.ts';
import type { WorkspaceHeader } from './header.ts';
import type { MemberSecrets } from './slot-file.ts';
import type { Keyring } from './types.ts';

/** Epoch of every compartment until keys are rotated. */
export const FIRST_EPOCH = 1;

/**
 * Takes over the buffers of `keys`; `secrets` stay the caller's to zero.
 * Errors: KEY_UNAVAILABLE without the keys every member holds; WORKSPACE_DAMAGED where a key does
 * not belong to this workspace's header.
 */
export function makeKeyring(
  header: WorkspaceHeader,
  secrets: MemberSecrets,
  keys: CompartmentKeys,
): Keyring {
  const { db, checkpoint, content, name, recordPrivate } = keys;
  if (db === undefined || checkpoint === undefined) {
    throw new CustosError(
      'KEY_UNAVAILABLE',
      'The keys of this workspace have not been granted to you yet. Ask a supervisor to add you again.',
    );
  }
  const signing = privateKeyObject('ed25519', secrets.signing);
  const checkpointKey = privateKeyObject('ed25519', checkpoint);
  const pairs: [Buffer, Buffer][] = [[rawPublicKey(checkpointKey), header.checkpointPublic]];
  if (recordPrivate !== undefined) {
    const recordPublic = rawPublicKey(privateKeyObject('x25519', recordPrivate));
    pairs.push([recordPublic, header.recordPublic]);
  }
  // SECURITY: entries are sealed to the header's public key; it must be the supervisors' own.
  if (pairs.some(([derived, published]) => !derived.equals(published))) {
    throw new CustosError(
      'WORKSPACE_DAMAGED',
      'The keys granted to you do not belong to the header of this workspace: one of the two was exchanged. Restore the workspace from a backup, and tell a supervisor.',
    );
  }
  checkpoint.fill(0);
  const held = content !== undefined && name !== undefined ? { content, name } : null;
  return {
    epoch: FIRST_EPOCH,
    db,
    content: held?.content ?? null,
    name: held?.name ?? null,
    recordPublic: header.recordPublic,
    recordPrivate: recordPrivate ?? null,
    checkpoint: checkpointKey,
    checkpointPublic: header.checkpointPublic,
    signing,
    signingPublic: rawPublicKey(signing),
    wipe() {
      // KeyObjects keep their bytes outside the JavaScript heap and cannot be zeroed from here;
      // they go with the process, which ends when the workspace is locked (security.md 3).
      wipeAll([db, content, name, recordPrivate]);
    },
  };
}

/** The keys as they are handed on to another member. The caller zeroes `checkpoint`, a copy. */
export function handedOn(keyring: Keyring): CompartmentKeys {
  const { db, content, name, recordPrivate, checkpoint } = keyring;
  return {
    db,
    checkpoint: rawPrivateKey(checkpoint),
    ...(content === null ? {} : { content }),
    ...(name === null ? {} : { name }),
    ...(recordPrivate === null ? {} : { recordPrivate }),
  };
}

/** Zeroes every buffer given. */
export function wipeAll(buffers: readonly (Buffer | null | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}
