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
  5 workspace.locked, 6 workspace.recovered, 7 recovery.confirmed, 8 recovery.renewed,
  10 unlock.succeeded, 11 unlock.failed, 12 member.added, 13 member.granted, 14 call.refused,
  15 member.password, 16 member.revoked, 17 keys.rotation, 18 keys.rotated, 19 keys.advanced,
  20 case.created, 30 import.begun, 31 import.batch, 32 import.refused,
  33 import.ended, 34 stack.formed, 40 look.granted, 41 look.covered, 50 fact.recorded,
  51 decision.made, 52 decision.undone, 53 stack.skipped, 54 decode.failed, 55 search.made,
  60 bundle.requested, 61 bundle.approved, 62 bundle.begun, 63 bundle.built, 64 bundle.failed,
  65 bundle.verified, 70 record.read, 71 record.checked, 72 checkpoint.made, 73 clock.backwards,
  74 session.started, 75 record.torn, 76 record.exported, 77 witness.accepted, 80 derivative.made,
  90 scrub.begun, 91 scrub.advanced, 92 scrub.ended, 93 item.damaged, 94 item.mended,
  95 backup.begun, 96 backup.ended, 97 workspace.restored`;
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

/** A signed note of this record; null where no key of it signed it. */
function readNote(note) {
  const parts = /^((.+)\n(\d+)\n(.+)\n)\n((?:— \S+ \S+\n)+)$/.exec(note);
  if (!parts || parts[2] !== origin) return null;
  const [, text, , digits, root, lines] = parts;
  const size = Number(digits);
  const blobOf = (name, id) => {
    const named = lines.split('\n').filter((line) => line.startsWith(`— ${name} `));
    const blobs = named.map((line) => base64(line.split(' ')[2]));
    return blobs.find((blob) => blob.subarray(0, 4).equals(id)) ?? Buffer.alloc(0);
  };
  const own = head.checkpointKeys.some(({ key: given, until }) => {
    const key = hex(given);
    const blob = blobOf(origin, keyHash(origin, 1, key));
    return (until === null || size <= until) && isSigned(key, text, blob.subarray(4));
  });
  return own ? { text, size, root: base64(root), blobOf } : null;
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

const WORDS = {
  Format: 'a record export of a known version',
  Workspace: 'the workspace is the one that was named',
  Checkpoint: 'signed with a key of the record',
  Continuity: 'earlier checkpoints are continued by the newest',
  Witnesses: 'co-signatures hold',
  Members: 'made members by a supervisor, back to the founder',
  Entries: 'bytes are as they were written',
  Order: 'each entry is in its place and follows the one before',
  Contents: 'text, time and kind are what the entry holds',
  Writers: 'each session and its checkpoints are signed by its member',
  Tree: 'the entries are those that the checkpoint was signed over',
  Kept: 'the checkpoints you kept are continued',
  Export: 'whole, and signed by a supervisor',
};
const checks = new Map();
/** Counts a check under its heading; what throws does not hold. Answers whether it holds. */
function hold(heading, otherwise, test) {
  const check = checks.get(heading) ?? { made: 0, bad: [] };
  checks.set(heading, check);
  check.made += 1;
  try {
    if (test()) return true;
  } catch {
    // What cannot even be computed does not hold either.
  }
  check.bad.push(otherwise);
  return false;
}

const args = { fingerprint: [], checkpoint: [], witness: [], files: [] };
const [members, sessions, proven, witnesses] = [new Map(), new Map(), [], []];
let [head, space, origin, whole, kept, target, last, count] = [];

function readHead(line) {
  [head, space, whole, count] = [line, line.workspace, line.scope.kind === 'whole', 0];
  origin = `custos/record/${space.id}`;
  last = { seq: -1, hash: sha(`custos/record/genesis/v1\n${space.id}`) };
  head.fingerprint = groups(sha(`custos/workspace/v1\0${canonical(space)}`));
  const format = `${line.format} ${line.version}`;
  hold('Format', `${format} is unknown`, () => format === 'custos-record-export 1');
  for (const words of args.fingerprint)
    hold('Workspace', `it is ${head.fingerprint}`, () => same(words, head.fingerprint));
  const first = ({ key }) => key === space.checkpointPublic;
  hold('Workspace', 'its first checkpoint key is left out', () => line.checkpointKeys.some(first));
  kept = args.checkpoint.map((file) => ({ file, note: readNote(readFileSync(file, 'utf8')) }));
}

/** A member as a supervisor signed it; the founder signs for themselves. */
function readMember({ statement, signature }) {
  const said = JSON.parse(statement);
  const [key, supervisor] = [hex(said.signingKey), said.roles.includes('supervisor')];
  const founder = said.by === said.member && said.signingKey === space.founderPublic;
  const signer = founder ? { key, supervisor } : members.get(said.by);
  const message = `custos/role-statement/v1\0${statement}`;
  const good = hold('Members', `${said.name} was not made a member by a supervisor`, () => {
    const here = said.workspace === space.id;
    return here && signer.supervisor && isSigned(signer.key, message, base64(signature));
  });
  if (good) members.set(said.member, { name: said.name, key, supervisor });
}

function readCheckpoint({ note }) {
  target = readNote(note);
  hold('Checkpoint', 'no key of the record signed it', () => target.size === head.size);
}

function readEarlier({ note, witnesses: keys, proof }) {
  const old = readNote(note);
  const sentence = 'an earlier checkpoint is not continued';
  if (hold('Continuity', sentence, () => isContinued(old, target, proof.map(base64))))
    proven.push(old);
  for (const key of keys)
    hold('Witnesses', 'a co-signature does not hold', () => {
      const seen = readCosignature(old, key);
      return seen && witnesses.push(seen);
    });
}

function readEntry(line) {
  const [bytes, seq] = [base64(line.bytes), line.seq];
  const [code, hash] = [bytes.readUInt16BE(4), bytes.subarray(-32)];
  const session = bytes.toString('hex', 8, 24);
  hold('Entries', `entry ${seq}: its bytes were changed`, () => {
    const length = bytes.readUInt32BE(0) === bytes.length;
    return length && sha(bytes.subarray(0, -32)).equals(hash);
  });
  hold('Order', `entry ${seq} is not in its place`, () => {
    const next = whole ? seq === last.seq + 1 : seq > last.seq;
    return next && bytes.readBigUInt64BE(24) === BigInt(seq);
  });
  if (seq === last.seq + 1)
    hold('Order', `entry ${seq} does not follow`, () => bytes.subarray(56, 88).equals(last.hash));
  const text = readText(line, bytes, code);
  readWriter(line, { bytes, code, id: session }, text);
  if (whole) addLeaf(hash);
  else
    hold('Tree', `entry ${seq} was not signed`, () =>
      isIncluded(hash, seq, target, line.proof.map(base64)),
    );
  [last, count] = [{ seq, hash, session }, count + 1];
  for (const { file, note } of whole ? kept : [])
    if (note?.size === count)
      hold('Kept', `${file}: other entries`, () => note.root.equals(rootNow()));
}

/** The payload, if the key that the entry commits to opens it. */
function readText({ seq, at, type, text, key }, bytes, code) {
  const body = code === SESSION_STARTED ? 200 : 120;
  let opened = '';
  hold('Contents', `entry ${seq}: the text beside it is not what was recorded`, () => {
    const nonce = Buffer.concat([Buffer.alloc(4), bytes.subarray(24, 32)]);
    const cipher = createDecipheriv('aes-256-gcm', base64(key), nonce, { authTagLength: 16 });
    cipher.setAAD(bytes.subarray(0, body)).setAuthTag(bytes.subarray(-48, -32));
    opened = cipher.update(bytes.subarray(body, -48), undefined, 'utf8') + cipher.final('utf8');
    const committed = sha('custos/record/key/v1', base64(key)).equals(bytes.subarray(88, 120));
    return committed && opened === text;
  });
  hold('Contents', `entry ${seq}: its time or kind is not what was recorded`, () => {
    const time = new Date(Number(bytes.readBigUInt64BE(40))).toISOString();
    return time === at && typeOf.get(`${code}`) === type;
  });
  return opened;
}

function readWriter({ seq, by }, { bytes, code, id }, text) {
  const detail = text === '' ? {} : JSON.parse(text);
  const going = !whole || code === SESSION_STARTED || last.session === id;
  if (code === SESSION_STARTED) sessions.set(id, startedBy(seq, bytes, detail, id));
  const session = sessions.get(id);
  hold('Writers', `entry ${seq} is in a session that had not begun`, () => session && going);
  hold('Writers', `entry ${seq} was not written by ${by}`, () => session.name === by);
  if (whole && code === CHECKPOINT_MADE && session) checkpointIn(session, seq, detail, id);
  hold('Writers', `entry ${seq}: nobody vouches for it`, () => {
    const vouched = session.key !== null && (session.vouched || !whole);
    return UNSIGNED.has(code) || vouched;
  });
  const ref = bytes.readBigUInt64BE(32);
  hold('Entries', `entry ${seq} closes what is not before it`, () =>
    code === DONE ? ref < BigInt(seq) : ref === 2n ** 64n - 1n,
  );
}

function startedBy(seq, bytes, detail, session) {
  if (detail.member === null) return { name: 'nobody', key: null };
  const { name, key } = members.get(detail.member?.id) ?? {};
  const [previous, sealed] = [bytes.toString('hex', 56, 88), bytes.toString('hex', 120, 200)];
  const place = { workspace: space.id, session, seq, previous };
  const claim = canonical({ ...place, member: detail.member?.id, key: sealed });
  const good = hold('Writers', `entry ${seq}: a session that its member did not sign`, () => {
    const message = `custos/record/session/v1\0${claim}`;
    return detail.version === 1 && isSigned(key, message, base64(detail.signature));
  });
  return { name: good ? name : undefined, key: good ? key : undefined };
}

/** Signed by the member whose session it is in, over all entries before it. */
function checkpointIn(session, seq, { size, root, signature }, id) {
  session.vouched = true;
  hold('Writers', `entry ${seq}: a checkpoint that its session’s member did not sign`, () => {
    const claim = canonical({ workspace: space.id, session: id, size: seq, root });
    const message = `custos/record/member-checkpoint/v1\0${claim}`;
    const covers = size === seq && root === rootNow().toString('hex');
    return covers && (session.key === null || isSigned(session.key, message, base64(signature)));
  });
}

function finish({ signature }, digest) {
  hold('Export', 'no supervisor of this workspace signed it, or it was changed', () => {
    const { key, supervisor } = members.get(head.by);
    return supervisor && isSigned(key, `custos/record/export/v1\0${digest}`, base64(signature));
  });
  hold('Export', `it holds ${count} entries, not ${head.entries}`, () => count === head.entries);
  hold('Checkpoint', 'there is none', () => target !== undefined);
  if (whole)
    hold('Tree', 'these are not the entries that were signed', () => {
      return count === target.size && rootNow().equals(target.root);
    });
  for (const { file, note } of kept) {
    const sentence = `${file} is not of this record, or covers more than is here: it was cut off`;
    hold('Kept', sentence, () => note.size <= target.size);
    const shown = () => [target, ...proven].some(({ text }) => text === note.text);
    if (!whole) hold('Kept', `${file}: ask for an export with --since this file`, shown);
  }
  for (const words of args.witness)
    hold('Witnesses', `none is ${words}`, () =>
      witnesses.some(({ fingerprint }) => same(words, fingerprint)),
    );
}

function readLine({ member, checkpoint, earlier, entry, ...line }) {
  if (!head) readHead(line);
  else if (member) readMember(member);
  else if (checkpoint) readCheckpoint(checkpoint);
  else if (earlier) readEarlier(earlier);
  else readEntry(entry);
}

async function run(file) {
  const digest = createHash('sha256');
  let [rest, waiting] = [Buffer.alloc(0), null]; // only the last line is the signature
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (waiting) readLine(JSON.parse(waiting));
      if (waiting) digest.update(waiting).update('\n');
      waiting = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
  finish(JSON.parse(waiting), digest.digest('hex'));
  hold('Export', 'something follows its last line', () => rest.length === 0);
}

for (let i = 2; i < process.argv.length; i += 1) {
  const option = /^--(fingerprint|checkpoint|witness)$/.exec(process.argv[i])?.[1];
  args[option ?? 'files'].push(process.argv[option ? (i += 1) : i] ?? '');
}
try {
  if (args.files.length !== 1) throw new Error('name one file');
  await run(args.files[0]);
  for (const [heading, { made, bad }] of checks) {
    const [mark, count] =
      bad.length === 0 ? ['good', made] : ['BAD ', `not ${bad.length} of ${made}`];
    console.log(`${mark}  ${heading}: ${WORDS[heading]} (${count})`);
    for (const sentence of bad.slice(0, 5)) console.log(`        ${sentence}`);
  }
  for (const { name, size, at, fingerprint } of witnesses)
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
