/**
 * New keys in the place of the earlier ones, so that what somebody revoked has kept opens nothing
 * that is written or stored from then on.
 *
 * Two halves, because nobody makes a key they may not hold. A supervisor changes the keys of the
 * catalogue and of the record, in one step. A member who holds the keys of pictures changes those,
 * and seals every original anew, in as many sittings as it takes. Each half has one moment at which
 * it takes effect, a commit of the catalogue; before it everything can be begun again, after it
 * everything can be gone on with, and the keys it replaces are destroyed only at its very end.
 */
import { randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { closeDatabase, keyOf, openDatabase } from '#core/store/databases.ts';
import { setMeta } from '#core/store/meta.ts';
import { copyUnderKey, putCopyInPlace, type KeyChange } from '#core/store/rekey.ts';
import { isSealedUnder, resealOriginal, sweepOtherEpochs } from '#core/store/reseal.ts';
import { countOriginals, originalsAfter, type OriginalRow } from '#core/store/tables/scrubs.ts';
import { listMemberRows } from '#core/store/tables/members.ts';
import type { Writer } from '#core/store/types.ts';
import { generateRawKeyPair } from '#core/vault/curve-keys.ts';
import type { HeldKey } from '#core/vault/grants.ts';
import { handedOn, makeKeyring, wipeAll } from '#core/vault/keyring.ts';
import type { Keyring, PictureKeys, RecordPublicKeys } from '#core/vault/types.ts';
import { memberDirectory } from './directory.ts';
import { recordKeysOf, signEpoch } from './epochs.ts';
import { dropKeysNotInUse, grantToAll } from './grant-files.ts';
import { headerOf, writeEpochs } from './key-files.ts';
import { keysInUse, nextEpoch, readKeyState, writeKeyState, type KeyState } from './key-state.ts';
import { LAST_SEQ } from './session.ts';
import type { Exchangeable, Session } from './types.ts';

const PAGE = 200;

/** Whoever watches a rotation and may stop it. */
export interface RotationWatch {
  readonly signal: AbortSignal;
  setTotal(total: number): void;
  advance(by: { done?: number; failed?: number; bytes?: number }): void;
}

export interface RotationDeps {
  readonly session: Session;
  readonly ports: Ports;
  /** Settles when no import or bundle is under way: those rely on keys and handles staying. */
  readonly quiet: () => Promise<void>;
}

/** Notes that every key is to be changed. To be called within the act that is the reason for it. */
export function askForNewKeys(tx: Writer): void {
  const state = readKeyState(tx);
  writeKeyState(tx, { ...state, due: nextEpoch(state) });
}

/** Whether this session can do a part of what is left. */
export function canRotate(session: Session): boolean {
  const state = readKeyState(session.catalogue);
  return (
    session.readOnly === null &&
    (canRotateCatalogue(session, state) || canRotatePictures(session, state))
  );
}

/**
 * Does what this session's keys allow of the rotation that is due; what is left is done by another
 * member's session. Stopped, it is gone on with later.
 * Errors: KEY_UNAVAILABLE (nothing of it can be done here), BLOB_DAMAGED (originals that could not
 * be sealed anew; the earlier keys are kept for them), CANCELLED, DISK_FULL, IO_FAILED, and those
 * of `Session.act`.
 */
export async function rotate(deps: RotationDeps, watch: RotationWatch): Promise<void> {
  const { session, quiet } = deps;
  if (!canRotate(session)) throw nothingToDo();
  // Somebody else may be revoked meanwhile, and everything is due once more.
  for (;;) {
    const state = readKeyState(session.catalogue);
    if (canRotateCatalogue(session, state)) {
      await quiet();
      rotateCatalogue(deps);
    } else if (canRotatePictures(session, state)) {
      await quiet();
      if (state.next === null) beginPictures(deps);
      await sealAnew(deps, watch);
    } else return;
  }
}

function canRotateCatalogue(session: Session, { catalogue, due }: KeyState): boolean {
  const { roles } = session.member;
  return catalogue < due && roles.includes('supervisor') && session.keys.recordPrivate !== null;
}

function canRotatePictures(session: Session, { pictures, next, due }: KeyState): boolean {
  return (pictures < due || next !== null) && session.keys.pictures !== null;
}

/** In one go, without letting other work in between. */
function rotateCatalogue({ session, ports }: RotationDeps): void {
  const { dir, id: workspace } = session.workspace;
  const header = headerOf(session.workspace);
  const state = readKeyState(session.catalogue);
  const rows = listMemberRows(session.catalogue);
  const epoch = state.due;
  const record = generateRawKeyPair('x25519');
  const checkpoint = generateRawKeyPair('ed25519');
  const db = randomBytes(32);
  const fresh: HeldKey[] = [
    { compartment: 'db', epoch, key: db },
    { compartment: 'recordPrivate', epoch, key: record.privateKey },
    { compartment: 'checkpoint', epoch, key: checkpoint.privateKey },
  ];
  grantToAll(session, rows, fresh, keysInUse(state));

  const before = session.keys;
  const detail = {
    what: 'catalogue and record',
    epoch,
    recordPublic: record.publicKey.toString('hex'),
    checkpointPublic: checkpoint.publicKey.toString('hex'),
    members: rows.filter((row) => row.state !== 'revoked').map((row) => row.id),
  };
  const useNew = (seq: number): Partial<Exchangeable> => {
    const stated = {
      epoch,
      recordPublic: record.publicKey,
      checkpointPublic: checkpoint.publicKey,
      until: seq,
      revoked: rows
        .filter((row) => row.state === 'revoked')
        .map((row) => row.id)
        .sort(),
      at: ports.clock.now().toISOString(),
      by: session.member.id,
    };
    const epochs = [...state.epochs, signEpoch(header, state.epochs, stated, before.signing)];
    const next = { ...state, catalogue: epoch, epochs };
    const change: KeyChange = { dir, which: 'catalogue', from: before.db, to: db };
    copyUnderKey(handles(session).catalogue, change, (copy) => {
      writeKeyState(copy, next);
      setMeta(copy, LAST_SEQ, String(seq));
    });
    const catalogue = exchangeFile(session, change);
    const now = readKeyState(catalogue);
    const keys = renewed(before, recordKeysOf(header, now.epochs), fresh, now);
    session.record.rekey({
      recordPublic: keys.recordPublic,
      recordPrivate: keys.recordPrivate,
      earlierPrivates: keys.earlierPrivates.map(({ key }) => key),
      checkpoint: keys.checkpoint,
      checkpointPublic: keys.checkpointPublic,
      members: memberDirectory(header, catalogue),
    });
    return { catalogue, keys };
  };
  try {
    session.exchange({ type: 'keys.rotated', detail }, useNew);
  } catch (error) {
    wipeAll(fresh.map(({ key }) => key));
    throw error;
  }
  before.db.fill(0);
  const after = readKeyState(session.catalogue);
  writeEpochs(dir, workspace, after.epochs);
  dropKeysNotInUse(session, rows, keysInUse(after));
}

/** Closes the handle, puts the copy in its place, opens it; the old one where that did not happen. */
function exchangeFile(session: Session, { dir, which, from, to }: KeyChange): Writer {
  closeDatabase(handles(session)[which]);
  try {
    putCopyInPlace(dir, which);
  } catch (error) {
    session.adopt({ [which]: openDatabase(dir, which, from, { readOnly: false }) });
    throw error;
  }
  return openDatabase(dir, which, to, { readOnly: false });
}

/** New keys for what comes in; what is there follows. */
function beginPictures({ session }: RotationDeps): void {
  const state = readKeyState(session.catalogue);
  const rows = listMemberRows(session.catalogue);
  const epoch = state.due;
  const fresh: HeldKey[] = [
    { compartment: 'content', epoch, key: randomBytes(32) },
    { compartment: 'name', epoch, key: randomBytes(32) },
  ];
  grantToAll(session, rows, fresh, keysInUse(state));
  const detail = { step: 'begun', what: 'pictures', epoch };
  session.act({ type: 'keys.advanced', detail }, (tx) => {
    writeKeyState(tx, { ...state, next: epoch });
  });
  useKeys(session, fresh);
}

/** Until the last original is done, or as far as it gets. */
async function sealAnew({ session, ports }: RotationDeps, watch: RotationWatch): Promise<void> {
  const { dir } = session.workspace;
  const { pictures: to, earlier: from } = session.keys;
  const { blobs } = session;
  if (to === null || from === null || blobs === null) throw nothingToDo();
  changeDerived(session, { dir, which: 'derived', from: from.content, to: to.content });
  watch.setTotal(2 * countOriginals(session.catalogue));
  await eachOriginal(session, watch, to, async ({ sha256 }) => {
    return (await resealOriginal(dir, { from, to }, blobs, sha256)) !== 'damaged';
  });
  // SECURITY: nothing is destroyed before every original has been read back whole under the new
  // keys; also what was sealed in an earlier sitting, or came in meanwhile.
  const verified = await eachOriginal(session, watch, to, ({ sha256 }) =>
    isSealedUnder(dir, to, sha256),
  );
  const removed = await sweepOtherEpochs(dir, to.epoch);
  const detail = { what: 'pictures', epoch: to.epoch, ...verified, removed };
  session.act({ type: 'keys.rotated', detail }, (tx) => {
    writeKeyState(tx, { ...readKeyState(tx), pictures: to.epoch, next: null });
  });
  useKeys(session, []);
  wipeAll([from.content, from.name]);
  const state = readKeyState(session.catalogue);
  dropKeysNotInUse(session, listMemberRows(session.catalogue), keysInUse(state));
  ports.log({ level: 'info', text: `keys of pictures changed to epoch ${String(to.epoch)}` });
}

/** The store of derived pictures is one file under one key: changed in one go. */
function changeDerived(session: Session, change: KeyChange): void {
  const { derived } = session;
  if (derived === null || keyOf(derived).equals(change.to)) return;
  copyUnderKey(derived, change, () => undefined);
  session.adopt({ derived: exchangeFile(session, change) });
}

/**
 * Every item's original in turn; those that come in meanwhile are met as well. Goes on to the end
 * also where `work` answers false for some, and throws BLOB_DAMAGED then.
 */
async function eachOriginal(
  session: Session,
  watch: RotationWatch,
  to: PictureKeys,
  work: (original: OriginalRow) => Promise<boolean>,
): Promise<{ originals: number; bytes: number }> {
  let [originals, bytes, damaged] = [0, 0, 0];
  let after = 0;
  for (;;) {
    const page = originalsAfter(session.catalogue, after, PAGE);
    for (const original of page) {
      if (watch.signal.aborted) throw stopped();
      const isGood = await work(original);
      watch.advance(isGood ? { done: 1, bytes: original.bytes } : { failed: 1 });
      originals += 1;
      bytes += original.bytes;
      if (!isGood) damaged += 1;
      after = original.itemId;
    }
    // A short page is the last one; what comes in now is sealed under the new keys already.
    if (page.length < PAGE) break;
  }
  if (damaged > 0) throw keptBack(session, to, damaged);
  return { originals, bytes };
}

/** The session's keys as the catalogue now says, `fresh` ones among them. */
function useKeys(session: Session, fresh: readonly HeldKey[]): void {
  const state = readKeyState(session.catalogue);
  session.adopt({ keys: renewed(session.keys, session.keys, fresh, state) });
}

function renewed(
  before: Keyring,
  record: RecordPublicKeys,
  fresh: readonly HeldKey[],
  state: KeyState,
): Keyring {
  const held = [...handedOn(before), ...fresh];
  const keys = makeKeyring(record, before.signing, held, keysInUse(state));
  // Seeds; the keyring has its own form of the one that is in use.
  wipeAll(held.filter(({ compartment }) => compartment === 'checkpoint').map(({ key }) => key));
  return keys;
}

/** SECURITY: the one place besides `Session.act` that writes through these handles. */
function handles({ catalogue, derived }: Session): { catalogue: Writer; derived: Writer } {
  return { catalogue: catalogue as Writer, derived: derived as Writer };
}

function keptBack(session: Session, { epoch }: PictureKeys, damaged: number): CustosError {
  session.note({
    type: 'keys.advanced',
    detail: { step: 'kept back', what: 'pictures', epoch, damaged },
  });
  const them = damaged === 1 ? 'One original is' : `${String(damaged)} originals are`;
  return new CustosError(
    'BLOB_DAMAGED',
    `${them} damaged or missing and could not be sealed under the new keys. The earlier keys are kept for them, so that they can be restored from a backup; every other original is sealed anew. Change the keys again after restoring them.`,
  );
}

function nothingToDo(): CustosError {
  return new CustosError(
    'KEY_UNAVAILABLE',
    'There is nothing of a change of keys that could be done with the keys you hold. A supervisor asks for new keys; a member who holds the keys to pictures completes it.',
  );
}

function stopped(): CustosError {
  return new CustosError(
    'CANCELLED',
    'Stopped. What was sealed anew stays so; the rest follows when it is gone on with.',
  );
}
