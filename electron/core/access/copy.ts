/**
 * The keys of a member from a copy of a workspace's files, to look into the copy where it lies.
 * Nothing is opened for writing and nothing is recorded: a copy has no record of its own.
 */
import type { Ports } from '#core/ports.ts';
import { CATALOGUE_FILE, withOneOf } from '#core/store/databases.ts';
import { openCopy } from '#core/store/copies.ts';
import type { Reader } from '#core/store/types.ts';
import { privateKeyObject, rawPublicKey } from '#core/vault/curve-keys.ts';
import { openGrant } from '#core/vault/grants.ts';
import { identityOf, type WorkspaceHeader } from '#core/vault/header.ts';
import { catalogueKeys, makeKeyring, wipeAll } from '#core/vault/keyring.ts';
import { argon2SelfTest } from '#core/vault/password.ts';
import { openSlot, slotIdOf } from '#core/vault/slot.ts';
import type { Keyring } from '#core/vault/types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import path from 'node:path';
import { requireMember } from './admission.ts';
import { recordKeysOf } from './epochs.ts';
import { keysInUse, readKeyState } from './key-state.ts';
import { onlySlotId, readGrant, readHeader, readSlot } from './key-files.ts';

export interface OpenedCopy {
  readonly header: WorkspaceHeader;
  readonly keys: Keyring;
  readonly catalogue: Reader;
  /** Closes the catalogue and zeroes the keys. */
  close(): void;
}

/**
 * `dir`: a folder with custos.json, keys and catalogue.db. `member`: null where there is only one.
 * Errors: WRONG_CREDENTIALS, USAGE, NOT_ALLOWED, KEY_UNAVAILABLE, WORKSPACE_DAMAGED, IO_FAILED.
 */
export async function openWorkspaceCopy(
  ports: Pick<Ports, 'passwordCost'>,
  dir: string,
  member: string | null,
  password: string,
): Promise<OpenedCopy> {
  await argon2SelfTest();
  const header = readHeader(dir);
  const slotId = member === null ? onlySlotId(dir) : slotIdOf(header, member);
  if (slotId === null) {
    throw new CustosError(
      'USAGE',
      'This workspace has more than one member. Say who you are: the name you were added with.',
    );
  }
  const slot = readSlot(dir, slotId);
  const secrets = await openSlot(header, slotId, slot, password, ports.passwordCost);
  try {
    if (secrets.identity !== identityOf(header)) {
      throw new CustosError(
        'WORKSPACE_DAMAGED',
        'The header (custos.json) in this copy is not the one of the workspace it was made of. Take another copy.',
      );
    }
    const grant = readGrant(dir, header.id, secrets.memberId);
    const held = openGrant(grant, secrets.encryption);
    try {
      const catalogue = withOneOf(catalogueKeys(held), (key) =>
        openCopy(path.join(dir, CATALOGUE_FILE), key),
      );
      try {
        const signing = privateKeyObject('ed25519', secrets.signing);
        const state = readKeyState(catalogue);
        requireMember(header, catalogue, state, grant, rawPublicKey(signing));
        const record = recordKeysOf(header, state.epochs);
        const keys = makeKeyring(record, signing, held, keysInUse(state));
        return {
          header,
          keys,
          catalogue,
          close() {
            catalogue.close();
            keys.wipe();
          },
        };
      } catch (error) {
        catalogue.close();
        throw error;
      }
    } catch (error) {
      wipeAll(held.map(({ key }) => key));
      throw error;
    }
  } finally {
    wipeAll([secrets.encryption, secrets.signing]);
  }
}
