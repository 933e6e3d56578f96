/** The keys of one unlocked member, checked against the workspace's public ones, and their end. */
import type { KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { privateKeyObject, rawPrivateKey, rawPublicKey } from './curve-keys.ts';
import type { Compartment, EpochsInUse, HeldKey } from './grants.ts';
import type { Keyring, PictureKeys, RecordPublicKeys } from './types.ts';

/** Epoch of every compartment until keys are rotated. */
export const FIRST_EPOCH = 1;

/** `held`'s key of a compartment and epoch, or undefined. Not a copy. */
export function findKey(
  held: readonly HeldKey[],
  compartment: Compartment,
  epoch: number,
): Buffer | undefined {
  return held.find((key) => key.compartment === compartment && key.epoch === epoch)?.key;
}

/**
 * Takes over the buffers of `held`, of which those in use become the keyring.
 * Errors: KEY_UNAVAILABLE without the keys every member holds; WORKSPACE_DAMAGED where a key does
 * not belong to the workspace's public ones.
 */
export function makeKeyring(
  record: RecordPublicKeys,
  signing: KeyObject,
  held: readonly HeldKey[],
  inUse: EpochsInUse,
): Keyring {
  const [catalogueEpoch] = inUse.db;
  const db = findKey(held, 'db', catalogueEpoch);
  const checkpointSeed = findKey(held, 'checkpoint', inUse.checkpoint[0]);
  if (db === undefined || checkpointSeed === undefined) throw notGranted();
  const checkpoint = privateKeyObject('ed25519', checkpointSeed);
  const privates = inUse.recordPrivate.flatMap((epoch) => {
    const key = findKey(held, 'recordPrivate', epoch);
    return key === undefined ? [] : [{ epoch, key }];
  });
  requireOwn(record, checkpoint, privates);
  checkpointSeed.fill(0);
  const [pictures = null, earlier = null] = pictureKeys(held, inUse);
  const earlierPrivates = privates.filter(({ epoch }) => epoch !== catalogueEpoch);
  const { recordPublic, checkpointPublic, earlierCheckpoints, recordPublics } = record;
  return {
    recordPublic,
    checkpointPublic,
    earlierCheckpoints,
    recordPublics,
    catalogueEpoch,
    db,
    pictures,
    content: pictures?.content ?? null,
    name: pictures?.name ?? null,
    earlier,
    recordPrivate: findKey(held, 'recordPrivate', catalogueEpoch) ?? null,
    earlierPrivates,
    checkpoint,
    signing,
    signingPublic: rawPublicKey(signing),
    wipe() {
      // KeyObjects keep their bytes outside the JavaScript heap and cannot be zeroed from here;
      // they go with the process, which ends when the workspace is locked (security.md 3).
      wipeAll(held.map(({ key }) => key));
    },
  };
}

/** The keys as they are handed on to another member. The caller zeroes the checkpoint's, a copy. */
export function handedOn(keyring: Keyring): HeldKey[] {
  const { catalogueEpoch: epoch, db, recordPrivate, earlierPrivates, pictures, earlier } = keyring;
  return [
    { compartment: 'db', epoch, key: db },
    ...[pictures, earlier].flatMap((keys): HeldKey[] =>
      keys
        ? [
            { compartment: 'content', epoch: keys.epoch, key: keys.content },
            { compartment: 'name', epoch: keys.epoch, key: keys.name },
          ]
        : [],
    ),
    ...(recordPrivate ? [{ epoch, key: recordPrivate }, ...earlierPrivates] : []).map(
      (key): HeldKey => ({ compartment: 'recordPrivate', ...key }),
    ),
    { compartment: 'checkpoint', epoch, key: rawPrivateKey(keyring.checkpoint) },
  ];
}

/**
 * Keys that may open the catalogue, newest first: a crash while keys were rotated leaves one of an
 * epoch that never began, or that has ended. Throws KEY_UNAVAILABLE where there is none.
 */
export function catalogueKeys(held: readonly HeldKey[]): [Buffer, ...Buffer[]] {
  const [first, ...others] = held
    .filter(({ compartment }) => compartment === 'db')
    .sort((a, b) => b.epoch - a.epoch)
    .map(({ key }) => key);
  if (first === undefined) throw notGranted();
  return [first, ...others];
}

/** Zeroes every buffer given. */
export function wipeAll(buffers: readonly (Buffer | null | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}

/** Newest first. All that are in use or none: with a part of them some originals would not open. */
function pictureKeys(held: readonly HeldKey[], inUse: EpochsInUse): PictureKeys[] {
  const found = inUse.content.flatMap((epoch) => {
    const content = findKey(held, 'content', epoch);
    const name = findKey(held, 'name', epoch);
    return content && name ? [{ epoch, content, name }] : [];
  });
  return found.length === inUse.content.length ? found : [];
}

/** SECURITY: entries are sealed to the published key; it must be the supervisors' own. */
function requireOwn(
  record: RecordPublicKeys,
  checkpoint: KeyObject,
  privates: readonly { epoch: number; key: Buffer }[],
): void {
  const isOwn =
    rawPublicKey(checkpoint).equals(record.checkpointPublic) &&
    privates.every(({ epoch, key }) => {
      const derived = rawPublicKey(privateKeyObject('x25519', key));
      return record.recordPublics.get(epoch)?.equals(derived) ?? false;
    });
  if (isOwn) return;
  throw new CustosError(
    'WORKSPACE_DAMAGED',
    'The keys granted to you do not belong to this workspace: a key file or the header was exchanged. Restore the workspace from a backup, and tell a supervisor.',
  );
}

function notGranted(): CustosError {
  return new CustosError(
    'KEY_UNAVAILABLE',
    'The keys of this workspace have not been granted to you yet. Ask a supervisor to add you again.',
  );
}
