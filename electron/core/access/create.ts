/** A new workspace. It is built beside its place and moved there whole, or not at all. */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';
import type { Ports } from '#core/ports.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { createRecord } from '#core/record/recorder.ts';
import { createBallast } from '#core/store/ballast.ts';
import { createDatabases, openDatabases } from '#core/store/databases.ts';
import { asCustosError, systemCode } from '#core/store/errors.ts';
import { fsyncFolder, makeFolder } from '#core/store/files.ts';
import { setMeta } from '#core/store/meta.ts';
import { insertMember } from '#core/store/tables/members.ts';
import { generateRawKeyPair, privateKeyObject, type RawKeyPair } from '#core/vault/curve-keys.ts';
import { entitledTo, grantParts } from '#core/vault/grants.ts';
import { fingerprintOf, identityOf, newHeader, type WorkspaceHeader } from '#core/vault/header.ts';
import { FIRST_EPOCH, wipeAll } from '#core/vault/keyring.ts';
import { argon2SelfTest } from '#core/vault/password.ts';
import { checkPassword } from '#core/vault/password-policy.ts';
import { RECOVERY_SLOT_ID, sealRecoverySlot, sealSlot, slotIdOf } from '#core/vault/slot.ts';
import { makeKeyFolders, writeGrant, writeHeader, writeSlot } from './key-files.ts';
import { requireName, requireRoles } from './members.ts';
import { LAST_SEQ } from './session.ts';
import { signStatement } from './statements.ts';

export interface NewWorkspace {
  /** Must not exist, or be empty. */
  dir: string;
  member: string;
  password: string;
  roles: readonly Role[];
}

/**
 * Answers with the fingerprint and the founder's 24 recovery words, which are nowhere else.
 * Errors: WORKSPACE_EXISTS, NOT_ALLOWED, PASSWORD_WEAK, BAD_REQUEST, DISK_FULL, IO_FAILED,
 * RECORD_UNWRITABLE, RUNTIME_UNSUITABLE. Nothing is left behind then.
 */
export async function createWorkspace(
  ports: Ports,
  input: NewWorkspace,
): Promise<{ fingerprint: string; recoveryWords: string[] }> {
  const dir = path.resolve(input.dir);
  const name = requireName(input.member);
  const roles = requireFoundingRoles(requireRoles(input.roles));
  requireEmpty(dir);
  checkPassword(input.password, name);
  await argon2SelfTest();

  const parent = path.dirname(dir);
  makeFolder(parent);
  const building = path.join(parent, `.custos-new-${randomBytes(8).toString('hex')}`);
  try {
    makeFolder(building);
    const made = await build(ports, building, { name, roles, password: input.password });
    moveInto(building, dir);
    return made;
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  }
}

interface Founder {
  name: string;
  roles: Role[];
  password: string;
}

async function build(
  ports: Ports,
  dir: string,
  founder: Founder,
): Promise<{ fingerprint: string; recoveryWords: string[] }> {
  const record = generateRawKeyPair('x25519');
  const checkpoint = generateRawKeyPair('ed25519');
  const encryption = generateRawKeyPair('x25519');
  const signing = generateRawKeyPair('ed25519');
  const keys = {
    db: randomBytes(32),
    content: randomBytes(32),
    name: randomBytes(32),
    recordPrivate: record.privateKey,
    checkpoint: checkpoint.privateKey,
  };
  try {
    const header = newHeader(ports.clock.now(), {
      recordPublic: record.publicKey,
      checkpointPublic: checkpoint.publicKey,
      founderPublic: signing.publicKey,
    });
    const memberId = randomBytes(16).toString('hex');
    const secrets = {
      memberId,
      name: founder.name,
      encryption: encryption.privateKey,
      signing: signing.privateKey,
      identity: identityOf(header),
    };
    makeKeyFolders(dir);
    writeHeader(dir, header);
    const slot = await sealSlot(header, secrets, founder.password, ports.passwordCost);
    writeSlot(dir, slotIdOf(header, founder.name), slot);
    const recovery = sealRecoverySlot(header, secrets);
    writeSlot(dir, RECOVERY_SLOT_ID, recovery.contents);
    const to = { workspace: header.id, member: memberId, encryptionPublic: encryption.publicKey };
    const from = { member: memberId, signing: privateKeyObject('ed25519', signing.privateKey) };
    const held = entitledTo(founder.roles).map((compartment) => ({
      compartment,
      epoch: FIRST_EPOCH,
      key: keys[compartment],
    }));
    const parts = grantParts(to, held, from);
    writeGrant(dir, { workspace: header.id, member: memberId, parts });
    createDatabases(dir, keys);
    createBallast(dir);
    writeFirstEntry(ports, dir, header, founder, {
      memberId,
      keys,
      checkpoint,
      encryption,
      signing,
    });
    return { fingerprint: fingerprintOf(header), recoveryWords: recovery.words };
  } finally {
    wipeAll([...Object.values(keys), encryption.privateKey, signing.privateKey]);
  }
}

/** The creation on the record, and the founder in the catalogue, by the same steps as any change. */
function writeFirstEntry(
  ports: Ports,
  dir: string,
  header: WorkspaceHeader,
  founder: Founder,
  made: {
    memberId: string;
    keys: { db: Buffer };
    checkpoint: RawKeyPair;
    encryption: RawKeyPair;
    signing: RawKeyPair;
  },
): void {
  const { memberId } = made;
  const { name, roles } = founder;
  const stated = {
    workspace: header.id,
    member: memberId,
    name,
    roles,
    encryptionKey: made.encryption.publicKey,
    signingKey: made.signing.publicKey,
    addedAt: header.created,
    by: memberId,
  };
  const signed = signStatement(stated, privateKeyObject('ed25519', made.signing.privateKey));
  const record = createRecord({
    dir,
    workspaceId: header.id,
    recordPublic: header.recordPublic,
    recordPrivate: null,
    checkpoint: privateKeyObject('ed25519', made.checkpoint.privateKey),
    checkpointPublic: header.checkpointPublic,
    member: { id: memberId, name, signing: privateKeyObject('ed25519', made.signing.privateKey) },
    // Nothing is read here.
    members: () => null,
    clock: ports.clock,
    anchors: openAnchors(ports.machineDir),
  });
  try {
    const databases = openDatabases(dir, { db: made.keys.db, content: null });
    try {
      const seq = record.append({
        type: 'workspace.created',
        detail: {
          workspace: header.id,
          identity: identityOf(header),
          founderPublic: header.founderPublic.toString('hex'),
          recordPublic: header.recordPublic.toString('hex'),
          checkpointPublic: header.checkpointPublic.toString('hex'),
          member: memberId,
          name,
          roles,
          statement: signed.statement,
        },
      });
      const tx = databases.catalogue;
      tx.transaction(() => {
        insertMember(tx, {
          id: memberId,
          name,
          roles,
          state: 'active',
          encryptionKey: stated.encryptionKey,
          signingKey: stated.signingKey,
          statement: signed.statement,
          signature: signed.signature,
          signedBy: memberId,
          addedAt: stated.addedAt,
          seq,
        });
        setMeta(tx, LAST_SEQ, String(seq));
      }).immediate();
      record.done(seq);
    } finally {
      databases.close();
    }
  } finally {
    record.close();
  }
}

/**
 * The first member must be able to add others, and to hand on the keys to pictures: those pass
 * from member to member and cannot be made later.
 */
function requireFoundingRoles(roles: Role[]): Role[] {
  if (!roles.includes('supervisor')) {
    throw new CustosError(
      'NOT_ALLOWED',
      'A workspace needs at least one supervisor, or nobody could add members. Give the first member the role supervisor as well.',
    );
  }
  if (!entitledTo(roles).includes('content')) {
    throw new CustosError(
      'NOT_ALLOWED',
      'The first member hands the keys to pictures on to the others, and a supervisor alone holds none. Give the first member the role investigator or legal as well.',
    );
  }
  return roles;
}

function requireEmpty(dir: string): void {
  try {
    if (readdirSync(dir).length === 0) return;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    if (systemCode(error) !== 'ENOTDIR') throw asCustosError(error, 'looking into the folder');
  }
  throw new CustosError(
    'WORKSPACE_EXISTS',
    'There is something in this place already. Choose an empty folder, or a name that does not exist yet.',
  );
}

function moveInto(building: string, dir: string): void {
  try {
    // Not every system renames onto an empty folder. One that is not empty any more stays, and fails.
    rmdirSync(dir);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw asCustosError(error, 'making the workspace folder');
  }
  try {
    renameSync(building, dir);
  } catch (error) {
    throw asCustosError(error, 'putting the workspace in its place');
  }
  fsyncFolder(path.dirname(dir));
}
