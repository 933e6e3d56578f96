#!/usr/bin/env node
/**
 * Verifies a record export of Custos with nothing but Node's own library (18 or newer). Written
 * from docs/formats.md, "Record export"; shares no code with Custos.
 *
 *   node verify-record.mjs EXPORT [--fingerprint WORDS] [--checkpoint FILE]… [--witness WORDS]…
 *
 *   --fingerprint  of the workspace, as it came to you another way
 *   --checkpoint   a checkpoint of this record that you kept (a bundle holds one)
 *   --witness      fingerprint of the key of a witness that must have co-signed
 *
 * Exit code: 0 all holds, 1 something does not, 2 the command or the file cannot be read.
 */
import { createDecipheriv, createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';

const TYPES = `1 done, 2 workspace.created, 3 workspace.opened, 4 workspace.closed,
  5 workspace.locked, 6 workspace.recovered, 10 unlock.succeeded, 11 unlock.failed,
  12 member.added, 13 member.granted, 14 call.refused, 20 case.created, 30 import.begun,
  31 import.batch, 32 import.refused, 33 import.ended, 34 stack.formed, 40 look.granted,
  41 look.covered, 50 fact.recorded, 51 decision.made, 52 decision.undone, 53 stack.skipped,
  54 decode.failed, 55 search.made, 60 bundle.requested, 61 bundle.approved, 62 bundle.begun,
  63 bundle.built, 64 bundle.failed, 65 bundle.verified, 70 record.read, 71 record.checked,
  72 checkpoint.made, 73 clock.backwards, 74 session.started, 75 record.torn, 76 record.exported,
  77 witness.accepted, 80 derivative.made`;
const [DONE, CHECKPOINT_MADE, SESSION_STARTED] = [1, 72, 74];
/** What may be written before anybody was let in. */
const UNSIGNED = new Set([11, 72, 73, 74, 75]);

const typeOf = new Map(TYPES.split(',').map((pair) => pair.trim().split(' ')));
const base64 = (text) => Buffer.from(String(text), 'base64');
const hex = (text) => Buffer.from(String(text), 'hex');
const sha = (...parts) => parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const leaf = (data) => sha(Buffer.from([0]), data);
const node = (left, right) => sha(Buffer.from([1]), left, right);
const groups = (digest) => digest.toString('hex', 0, 16).replace(/.{4}(?=.)/g, '$& ');
const same = (words, others) => strip(words) === strip(others);
const strip = (words) => words.replace(/\s/g, '').toLowerCase();

function canonical(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** Ed25519; `key` is 32 bytes. */
function isSigned(key, message, signature) {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
  return verify(
    null,
    Buffer.from(message),
    createPublicKey({ key: jwk, format: 'jwk' }),
    signature,
  );
}

const half = Math.floor;
/** The loop that RFC 9162 has in 2.1.3.2 and 2.1.4.2: false where the path has another length. */
function climb(fn, sn, path, right, left) {
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      right(sibling);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn / 2), half(sn / 2)];
    } else left(sibling);
    [fn, sn] = [half(fn / 2), half(sn / 2)];
  }
  return sn === 0;
}

function isIncluded(data, index, { size, root }, path) {
  let hash = leaf(data);
  const right = (sibling) => (hash = node(sibling, hash));
  const left = (sibling) => (hash = node(hash, sibling));
  return index < size && climb(index, size - 1, path, right, left) && hash.equals(root);
}

function isContinued(old, now, proof) {
  if (old.size < 1 || old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && old.root.equals(now.root);
  const path = Number.isInteger(Math.log2(old.size)) ? [old.root, ...proof] : [...proof];
  let [fn, sn] = [old.size - 1, now.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn / 2), half(sn / 2)];
  let before = path.shift() ?? sha('');
  let after = before;
  const right = (sibling) => ([before, after] = [node(sibling, before), node(sibling, after)]);
  const left = (sibling) => (after = node(after, sibling));
  return climb(fn, sn, path, right, left) && before.equals(old.root) && after.equals(now.root);
}

/** The right edge of the tree of RFC 6962, while entries are added. */
const edge = [];
function addLeaf(data) {
  let [hash, level] = [leaf(data), 0];
  for (; edge[level]; level += 1) {
    hash = node(edge[level], hash);
    edge[level] = null;
  }
  edge[level] = hash;
}
const rootNow = () => edge.filter(Boolean).reduce((r, l) => (r ? node(l, r) : l), null) ?? sha('');

const keyHash = (name, kind, key) => sha(`${name}\n`, Buffer.from([kind]), key).subarray(0, 4);

/** A signed note of this record; null where its key did not sign it. */
function readNote(note) {
  const parts = /^((.+)\n(\d+)\n(.+)\n)\n((?:— \S+ \S+\n)+)$/.exec(note);
  if (!parts || parts[2] !== origin) return null;
  const lines = parts[5]
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  const blobOf = (name, id) =>
    lines
      .filter((line) => line[1] === name)
      .map((line) => base64(line[2]))
      .find((blob) => blob.subarray(0, 4).equals(id)) ?? Buffer.alloc(0);
  const key = hex(space.checkpointPublic);
  const own = blobOf(origin, keyHash(origin, 1, key));
  if (!isSigned(key, parts[1], own.subarray(4))) return null;
  return { text: parts[1], size: Number(parts[3]), root: base64(parts[4]), blobOf };
}

/** What the witness with this C2SP key says of the note; null where it did not co-sign it. */
function readCosignature(note, verifierKey) {
  const [name, , ...rest] = verifierKey.split('+');
  const key = base64(rest.join('+')).subarray(1);
  const blob = note.blobOf(name, keyHash(name, 4, key));
  if (blob.length !== 76) return null;
  const seconds = blob.readBigUInt64BE(4);
  const message = `cosignature/v1\ntime ${seconds}\n${note.text}`;
  if (!isSigned(key, message, blob.subarray(12))) return null;
  const at = new Date(Number(seconds) * 1000).toISOString();
  return { name, at, fingerprint: groups(sha(key)), size: note.size };
}

const checks = new Map();
/** Counts a check under its heading; what throws does not hold. Answers whether it holds. */
function hold(heading, test, sentence) {
  const check = checks.get(heading) ?? { count: 0, bad: [] };
  checks.set(heading, check);
  check.count += 1;
  try {
    if (test()) return true;
  } catch {
    // What cannot even be computed does not hold either.
  }
  check.bad.push(sentence);
  return false;
}

const args = { fingerprint: [], checkpoint: [], witness: [], files: [] };
const [members, sessions, proven, witnesses] = [new Map(), new Map(), [], []];
let head, space, origin, whole, kept, target;
let count = 0;
let last = null;

function readHead(line) {
  [head, space, whole] = [line, line.workspace, line.scope.kind === 'whole'];
  origin = `custos/record/${space.id}`;
  head.fingerprint = groups(sha(`custos/workspace/v1\0${canonical(space)}`));
  hold(
    'Format',
    () => `${line.format} ${line.version}` === 'custos-record-export 1',
    'another one',
  );
  for (const words of args.fingerprint)
    hold(
      'Workspace',
      () => same(words, head.fingerprint),
      `its fingerprint is ${head.fingerprint}`,
    );
  kept = args.checkpoint.map((file) => ({ file, note: readNote(readFileSync(file, 'utf8')) }));
}

/** A member as a supervisor signed it; the founder signs for themselves. */
function readMember({ statement, signature }) {
  const said = JSON.parse(statement);
  const [key, supervisor] = [hex(said.signingKey), said.roles.includes('supervisor')];
  const founder = said.by === said.member && said.signingKey === space.founderPublic;
  const signer = founder ? { key, supervisor } : members.get(said.by);
  const message = `custos/role-statement/v1\0${statement}`;
  const test = () =>
    said.workspace === space.id &&
    signer.supervisor &&
    isSigned(signer.key, message, base64(signature));
  if (hold('Members', test, `${said.name} was not made a member by a supervisor`))
    members.set(said.member, { name: said.name, key, supervisor });
}

function readCheckpoint({ note }) {
  target = readNote(note);
  hold('Checkpoint', () => target.size === head.size, 'the record’s key did not sign it');
}

function readEarlier({ note, witnesses: keys, proof }) {
  const old = readNote(note);
  const test = () => isContinued(old, target, proof.map(base64));
  if (hold('Continuity', test, 'an earlier checkpoint is not continued')) proven.push(old);
  for (const key of keys)
    hold(
      'Witnesses',
      () => witnesses.push(readCosignature(old, key)) && witnesses.at(-1),
      'a co-signature does not hold',
    );
}

function readEntry(line) {
  const [bytes, seq] = [base64(line.bytes), line.seq];
  const [code, hash, session] = [
    bytes.readUInt16BE(4),
    bytes.subarray(-32),
    bytes.toString('hex', 8, 24),
  ];
  const before = last ?? { seq: -1, hash: sha(`custos/record/genesis/v1\n${space.id}`) };
  const test = () =>
    bytes.readUInt32BE(0) === bytes.length && sha(bytes.subarray(0, -32)).equals(hash);
  hold('Entries', test, `entry ${seq}: its bytes were changed`);
  hold(
    'Order',
    () =>
      bytes.readBigUInt64BE(24) === BigInt(seq) &&
      seq > before.seq &&
      !(whole && seq !== before.seq + 1),
    `entry ${seq} is not in its place`,
  );
  if (seq === before.seq + 1)
    hold('Order', () => bytes.subarray(56, 88).equals(before.hash), `entry ${seq} does not follow`);
  const text = readText(line, bytes, code);
  readWriter(line, { bytes, code, session, same: before.session === session }, text);
  if (whole) addLeaf(hash);
  else
    hold(
      'Tree',
      () => isIncluded(hash, seq, target, line.proof.map(base64)),
      `entry ${seq} was not signed`,
    );
  [last, count] = [{ seq, hash, session }, count + 1];
  for (const { file, note } of whole ? kept : [])
    if (note?.size === count)
      hold('Kept', () => note.root.equals(rootNow()), `${file}: other entries`);
}

/** The payload, if the key that the entry commits to opens it. */
function readText({ seq, at, type, text, key }, bytes, code) {
  const body = code === SESSION_STARTED ? 200 : 120;
  let opened = '';
  const test = () => {
    const nonce = Buffer.concat([Buffer.alloc(4), bytes.subarray(24, 32)]);
    const cipher = createDecipheriv('aes-256-gcm', base64(key), nonce, { authTagLength: 16 });
    cipher.setAAD(bytes.subarray(0, body)).setAuthTag(bytes.subarray(-48, -32));
    opened = cipher.update(bytes.subarray(body, -48), undefined, 'utf8') + cipher.final('utf8');
    const committed = sha('custos/record/key/v1', base64(key)).equals(bytes.subarray(88, 120));
    return committed && opened === text;
  };
  hold('Contents', test, `entry ${seq}: the text beside it is not what was recorded`);
  const time = new Date(Number(bytes.readBigUInt64BE(40))).toISOString();
  hold(
    'Contents',
    () => time === at && typeOf.get(`${code}`) === type,
    `entry ${seq}: time or type`,
  );
  return opened;
}

function readWriter({ seq, by }, { bytes, code, session: id, same: going }, text) {
  const detail = text === '' ? {} : JSON.parse(text);
  if (code === SESSION_STARTED) sessions.set(id, { id, ...startedBy(seq, bytes, detail, id) });
  const session = sessions.get(id) ?? {};
  const known = () => session.id && (going || !whole || code === SESSION_STARTED);
  hold('Writers', known, `entry ${seq} is in a session that had not begun`);
  hold('Writers', () => session.name === by, `entry ${seq} was not written by ${by}`);
  const anonymous = session.key === null;
  if (whole && code === CHECKPOINT_MADE) {
    session.vouched = true;
    const root = rootNow().toString('hex');
    const claim = { workspace: space.id, session: id, size: seq, root };
    const message = `custos/record/member-checkpoint/v1\0${canonical(claim)}`;
    const test = () =>
      detail.size === seq &&
      detail.root === root &&
      (anonymous || isSigned(session.key, message, base64(detail.signature)));
    hold('Writers', test, `entry ${seq}: a checkpoint its session’s member did not sign`);
  }
  const free = UNSIGNED.has(code);
  hold(
    'Writers',
    () => free || (!anonymous && (session.vouched || !whole)),
    `entry ${seq}: nobody vouches for it`,
  );
  const ref = bytes.readBigUInt64BE(32);
  hold(
    'Entries',
    () => (code === DONE ? ref < BigInt(seq) : ref === 2n ** 64n - 1n),
    `entry ${seq} closes what is not before it`,
  );
}

function startedBy(seq, bytes, detail, session) {
  if (detail.member === null) return { name: 'nobody', key: null };
  const found = members.get(detail.member?.id);
  const [previous, key] = [bytes.toString('hex', 56, 88), bytes.toString('hex', 120, 200)];
  const claim = { workspace: space.id, member: detail.member?.id, session, seq, previous, key };
  const message = `custos/record/session/v1\0${canonical(claim)}`;
  const test = () => detail.version === 1 && isSigned(found.key, message, base64(detail.signature));
  return hold('Writers', test, `entry ${seq}: a session that its member did not sign`) ? found : {};
}

function finish({ signature }, digest) {
  const by = members.get(head.by);
  const message = `custos/record/export/v1\0${digest}`;
  const test = () => by.supervisor && isSigned(by.key, message, base64(signature));
  hold('Export', test, 'no supervisor of this workspace signed it, or it was changed');
  hold('Export', () => count === head.entries, `it holds ${count} entries, not ${head.entries}`);
  if (whole)
    hold(
      'Tree',
      () => count === target.size && rootNow().equals(target.root),
      'not the entries that were signed',
    );
  for (const { file, note } of kept) {
    hold(
      'Kept',
      () => note.size <= target.size,
      `${file} is not of this record, or covers more than is here`,
    );
    const shown = () => [target, ...proven].some(({ text }) => text === note.text);
    if (!whole) hold('Kept', shown, `${file}: ask for an export with --since this file`);
  }
  for (const words of args.witness)
    hold(
      'Witnesses',
      () => witnesses.some((seen) => same(words, seen.fingerprint)),
      `none is ${words}`,
    );
}

const READERS = {
  member: readMember,
  checkpoint: readCheckpoint,
  earlier: readEarlier,
  entry: readEntry,
};
function readLine(line) {
  const [kind] = Object.keys(line);
  if (!head) readHead(line);
  else READERS[kind](line[kind]);
}

async function run(file) {
  const digest = createHash('sha256');
  let [rest, waiting] = [Buffer.alloc(0), null]; // only the last line is the signature
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (waiting) {
        readLine(JSON.parse(waiting));
        digest.update(waiting).update('\n');
      }
      waiting = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
  finish(JSON.parse(waiting), digest.digest('hex'));
  hold('Export', () => rest.length === 0, 'something follows its last line');
}

for (let i = 2; i < process.argv.length; i += 1) {
  const option = /^--(fingerprint|checkpoint|witness)$/.exec(process.argv[i])?.[1];
  args[option ?? 'files'].push(process.argv[option ? (i += 1) : i] ?? '');
}
try {
  if (args.files.length !== 1) throw new Error('name one file');
  await run(args.files[0]);
  for (const [heading, { count: made, bad }] of checks) {
    console.log(
      bad.length === 0 ? `good  ${heading}: ${made}` : `BAD   ${heading}: ${bad.length} of ${made}`,
    );
    for (const sentence of bad.slice(0, 5)) console.log(`        ${sentence}`);
  }
  for (const { name, size, at, fingerprint } of witnesses.filter(Boolean))
    console.log(`      witnessed up to entry ${size} by ${name} at ${at}, key ${fingerprint}`);
  console.log(`      fingerprint ${head.fingerprint}: compare it with one that came another way`);
  if (!whole) console.log('      a selection: it does not show what was left out');
  const good = [...checks.values()].every(({ bad }) => bad.length === 0);
  console.log(`The export ${good ? 'holds' : 'does NOT hold'}: ${count} of ${head.size} entries.`);
  process.exitCode = good ? 0 : 1;
} catch (error) {
  console.error(`Not a record export that can be read (${error.message}).`);
  process.exitCode = 2;
}
