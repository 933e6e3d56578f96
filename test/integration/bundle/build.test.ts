import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '#core/access/types.ts';
import { listBundles, previewBundle } from '#core/bundle/requests.ts';
import { allowedSigners } from '#core/bundle/signers.ts';
import { verifyBundle } from '#core/bundle/verify.ts';
import { bundleChannels } from '#shared/contract/bundles.ts';
import {
  approveBundle,
  build,
  bundleOf,
  clock,
  codeOf,
  entriesOf,
  leftBehind,
  makeCase,
  makeKey,
  makePlace,
  requestBundle,
  unpack,
  type MadeCase,
  type Place,
} from './fixture.ts';

interface Item {
  occurrences: { path: string; pathBase64?: string }[];
  [key: string]: unknown;
}

describe('one member alone', () => {
  let place: Place;
  let session: Session;
  let made: MadeCase;
  beforeAll(async () => {
    place = await makePlace();
    session = await place.workspace.open();
    made = await makeCase(session);
  });
  afterAll(() => {
    place.workspace.remove();
  });

  it('previews by counts', () => {
    expect(previewBundle(session, { caseId: made.caseId, edition: 'sealed' })).toEqual({
      items: 5,
      decided: 2,
      undecided: 2,
      unreadable: 1,
      bytes: made.contents.reduce((sum, bytes) => sum + bytes.length, 0),
      needsApproval: false,
      pictures: true,
    });
  });

  it('builds a bundle that proves itself, and records it', async () => {
    const { file, bundle } = await bundleOf(place, session, made.caseId);
    expect(bundleChannels['bundles.request'].output.parse(bundle)).toEqual(bundle);
    expect(bundle).toMatchObject({ state: 'built', items: 5, builtBy: 'Ines', message: null });
    const bytes = readFileSync(file);
    expect(bundle.bytes).toBe(bytes.length);
    expect(bundle.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(leftBehind(place)).toEqual(['out.tar.age']);

    const result = await verifyBundle({
      file,
      identityFile: place.key.file,
      signersFile: null,
      knownSigners: allowedSigners(session),
    });
    expect(result.checks.filter((check) => check.outcome !== 'good')).toEqual([]);
    expect(bundleChannels['bundles.verify'].output.parse(result)).toEqual(result);
    expect(result).toMatchObject({ good: true, caseRef: 'OP-7', edition: 'sealed', items: 5 });
    expect(result.signer).toMatchObject({ name: 'Ines', known: true });

    const [entry] = entriesOf(session, 'bundle.built');
    expect(entry).toMatchObject({ sha256: bundle.sha256, bytes: bundle.bytes, items: 5 });
    expect(entriesOf(session, 'bundle.begun')).toHaveLength(1);
    expect(await codeOf(build(session, bundle.id, place.path('again')))).toBe('ALREADY_EXISTS');
    rmSync(file);
  });

  it('holds every original byte for byte, the findings, and safe names', async () => {
    const { file } = await bundleOf(place, session, made.caseId);
    const files = await unpack(file, place.key);
    const names = [...files.keys()];
    expect(names.every((name) => /^[A-Za-z0-9._/-]+$/.test(name))).toBe(true);
    const items = names.filter((name) => name.startsWith('data/items/'));
    expect(
      items.map((name) => files.get(name)!.equals(made.contents[items.indexOf(name)]!)),
    ).toEqual([true, true, true, true, true]);
    expect(items[4]).toMatch(/^data\/items\/000005_[0-9a-f]{16}\.bin$/);

    const findings = JSON.parse(files.get('data/findings.json')!.toString()) as Record<
      string,
      never
    >;
    expect(findings).toMatchObject({
      format: 'custos-findings-1',
      case: { ref: 'OP-7', createdBy: 'Ines' },
      bundle: { edition: 'sealed', recipients: [place.key.recipient] },
      figures: { items: 5, looksPerDistinctPicture: 1 / 3 },
      imports: [{ offered: 11, new: 4, duplicate: 5, unreadable: 1, refused: 1 }],
      refusals: [{ path: '/dev/null', code: 'SOURCE_REFUSED' }],
    });
    const [first, , third, fourth, last] = findings['items'] as unknown as Item[];
    expect(first!['decision']).toMatchObject({ rule: expect.any(String), by: 'Ines' });
    expect(first!['looks']).toMatchObject([{ rung: 4, seconds: 2.5, relook: false }]);
    const raw = Buffer.from(third!.occurrences[0]!.pathBase64!, 'base64');
    expect(raw.toString('hex')).toBe('702ffffe2e6a7067');
    expect(fourth!.occurrences[0]!.path).toContain('\nof two lines');
    expect(last).toMatchObject({ state: 'unreadable', unreadable: { code: 'NOT_A_PICTURE' } });
    expect((findings['stacks'] as unknown as unknown[])[0]).toMatchObject({
      facts: [{ key: 'relevant' }],
    });
    expect(files.get('data/items.csv')!.toString()).toContain(`"'=HYPERLINK(""http`);
    rmSync(file);
  });

  it('writes a report that runs nothing and lets nobody write markup into it', async () => {
    const { file } = await bundleOf(place, session, made.caseId);
    const report = (await unpack(file, place.key)).get('data/report.html')!.toString();
    expect(report.startsWith('<!doctype html>')).toBe(true);
    expect(report).not.toMatch(/<(script|img|link|iframe|object)|javascript:|\son[a-z]+=|https?:/i);
    expect(report).toContain('Harbour &lt;lights&gt; &amp; co');
    const style = /<style>([^]*?)<\/style>/.exec(report)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(report).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
    rmSync(file);
  });

  it('stops at a damaged original, names the item, and leaves nothing', async () => {
    const spoilt = await makeCase(session, 3, 'OP-8');
    const before = new Set(blobFiles(place));
    expect(before.size).toBeGreaterThan(8);
    // The 150 kB original of this case: the newest of that size.
    const big = [...before]
      .filter((file) => statSync(file).size > 150_000)
      .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
      .at(-1)!;
    const good = readFileSync(big);
    const flipped = Buffer.from(good);
    flipped[140_000]! ^= 1;
    writeFileSync(big, flipped);
    const attempt = bundleOf(place, session, spoilt.caseId);
    await expect(attempt).rejects.toMatchObject({
      code: 'BLOB_DAMAGED',
      message: expect.stringMatching(/item 2 /) as string,
    });
    expect(leftBehind(place)).toEqual([]);
    expect(entriesOf(session, 'bundle.failed')[0]).toMatchObject({ code: 'BLOB_DAMAGED' });
    const [row] = listBundles(session, spoilt.caseId);
    expect(row).toMatchObject({ state: 'failed', message: expect.stringMatching(/item 2 /) });

    truncateSync(big, 100_000);
    expect(await codeOf(build(session, row!.id, place.path('x')))).toBe('BLOB_DAMAGED');
    rmSync(big);
    expect(await codeOf(build(session, row!.id, place.path('x')))).toBe('BLOB_DAMAGED');
    // Once the original is back, the same request is built.
    writeFileSync(big, good);
    expect(await build(session, row!.id, place.path('x'))).toMatchObject({ state: 'built' });
    rmSync(place.path('x'));
  });

  it('leaves nothing when cancelled, and may be built afterwards', async () => {
    const asked = await requestBundle(
      { session, clock },
      { caseId: made.caseId, edition: 'sealed', recipients: [place.key.recipient] },
    );
    for (const after of [0, 2, 5, 7]) {
      const controller = new AbortController();
      let done = 0;
      const job = {
        signal: controller.signal,
        setTotal: () => undefined,
        advance: (by: { done?: number }) => {
          done += by.done ?? 0;
          if (done >= after) controller.abort();
        },
      };
      if (after === 0) controller.abort();
      expect(await codeOf(build(session, asked.id, place.path('c'), job))).toBe('CANCELLED');
      expect(leftBehind(place)).toEqual([]);
    }
    expect(listBundles(session, made.caseId)[0]?.state).toBe('requested');
    let total = 0;
    let done = 0;
    await build(session, asked.id, place.path('c'), {
      signal: new AbortController().signal,
      setTotal: (value) => (total = value),
      advance: (by) => (done += by.done ?? 0),
    });
    expect([total, done]).toEqual([10, 10]);
    rmSync(place.path('c'));
  });

  it('writes over nothing and refuses what it cannot do', async () => {
    const deps = { session, clock };
    const { recipient } = place.key;
    const wanted = { caseId: made.caseId, edition: 'sealed' as const, recipients: [recipient] };
    const asked = await requestBundle(deps, wanted);
    writeFileSync(place.path('taken'), 'precious');
    expect(await codeOf(build(session, asked.id, place.path('taken')))).toBe('ALREADY_EXISTS');
    expect(readFileSync(place.path('taken'), 'utf8')).toBe('precious');
    expect(await codeOf(build(session, asked.id, place.path('no/such/folder')))).toBe('NOT_FOUND');
    expect(await codeOf(build(session, 9999, place.path('x')))).toBe('NOT_FOUND');
    const other = { ...wanted, edition: 'redacted' as const };
    await expect(requestBundle(deps, other)).rejects.toThrow(/redacted edition .*version/);
    const typo = {
      ...wanted,
      recipients: [`${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`],
    };
    expect(await codeOf(requestBundle(deps, typo))).toBe('UNKNOWN_RECIPIENT');
    rmSync(place.path('taken'));
    expect(leftBehind(place)).toEqual([]);
  });

  it('is opened by every recipient and by nobody else', async () => {
    const second = await makeKey(place.path('second.txt'));
    const stranger = await makeKey(place.path('stranger.txt'));
    const recipients = [place.key.recipient, second.recipient];
    const wanted = { caseId: made.caseId, edition: 'sealed' as const, recipients };
    const asked = await requestBundle({ session, clock }, wanted);
    const file = place.path('two');
    await build(session, asked.id, file);
    const verify = (identityFile: string) =>
      verifyBundle({ file, identityFile, signersFile: null });
    expect((await verify(place.key.file)).good).toBe(true);
    expect((await verify(second.file)).good).toBe(true);
    const result = await verify(stranger.file);
    expect(result.good).toBe(false);
    expect(result.checks[0]).toMatchObject({ name: 'Encryption', outcome: 'bad' });
    expect(readFileSync(file).subarray(0, 600).toString('latin1').match(/^-> /gm)).toHaveLength(2);
  });
});

describe('several members', () => {
  let place: Place;
  let caseId: number;
  beforeAll(async () => {
    place = await makePlace({ Lea: ['legal'], Sam: ['supervisor'], Sol: ['legal', 'supervisor'] });
    caseId = (await makeCase(await place.workspace.open())).caseId;
  });
  afterAll(() => {
    place.workspace.remove();
  });
  const as = async (name: string): Promise<Session> => {
    place.workspace.close();
    return place.workspace.open(name);
  };
  const wanted = () => ({
    caseId,
    edition: 'sealed' as const,
    recipients: [place.key.recipient],
  });

  it('need two people: never one’s own request, never unapproved', async () => {
    let session = await as('Sol');
    const asked = await requestBundle({ session, clock }, wanted());
    expect(asked).toMatchObject({ needsApproval: true, state: 'requested', approvedBy: null });
    expect(await codeOf(build(session, asked.id, place.path('out')))).toBe('APPROVAL_REQUIRED');
    const own = Promise.resolve().then(() => approveBundle({ session, clock }, asked.id));
    expect(await codeOf(own)).toBe('NOT_ALLOWED');
    expect(entriesOf(session, 'bundle.begun')).toEqual([]);

    session = await as('Lea');
    const notSupervisor = Promise.resolve().then(() => approveBundle({ session, clock }, asked.id));
    expect(await codeOf(notSupervisor)).toBe('NOT_ALLOWED');

    session = await as('Sam');
    expect(await codeOf(requestBundle({ session, clock }, wanted()))).toBe('NOT_ALLOWED');
    expect(await codeOf(build(session, asked.id, place.path('out')))).toBe('NOT_ALLOWED');
    const approved = approveBundle({ session, clock }, asked.id);
    expect(approved).toMatchObject({ state: 'approved', approvedBy: 'Sam' });
    const twice = Promise.resolve().then(() => approveBundle({ session, clock }, asked.id));
    expect(await codeOf(twice)).toBe('ALREADY_EXISTS');

    session = await as('Lea');
    const built = await build(session, asked.id, place.path('out'));
    expect(built).toMatchObject({ state: 'built', requestedBy: 'Sol', builtBy: 'Lea' });
    const file = place.path('out');
    const result = await verifyBundle({ file, identityFile: place.key.file, signersFile: null });
    expect(result.signer).toMatchObject({ name: 'Lea', known: false });
    const report = (await unpack(file, place.key)).get('data/report.html')!.toString();
    expect(report).toMatch(/Approved by<\/th>\s*<td><bdi>Sam/);
  });

  it('export no more than was approved, and no request from before there were two', async () => {
    let session = await as('Sol');
    const asked = await requestBundle({ session, clock }, wanted());
    const early = await requestBundle({ session, clock }, wanted());
    // As it would stand had it been asked for while Sol was alone.
    session.act({ type: 'bundle.requested', detail: {} }, (tx) => {
      tx.prepare('UPDATE bundles SET needs_approval = 0 WHERE id = ?').run(early.id);
    });
    expect(await codeOf(build(session, early.id, place.path('early')))).toBe('APPROVAL_REQUIRED');

    session = await as('Sam');
    approveBundle({ session, clock }, asked.id);
    session = await as('Sol');
    // The approver saw one item fewer.
    session.act({ type: 'bundle.requested', detail: {} }, (tx) => {
      tx.prepare('UPDATE bundles SET items = items - 1 WHERE id = ?').run(asked.id);
    });
    expect(await codeOf(build(session, asked.id, place.path('more')))).toBe('APPROVAL_REQUIRED');
    expect(entriesOf(session, 'bundle.failed')[0]).toMatchObject({ bundleId: asked.id });
    expect(leftBehind(place)).toEqual(['out']);
    // The control: with the number that was approved it is built.
    session.act({ type: 'bundle.requested', detail: {} }, (tx) => {
      tx.prepare('UPDATE bundles SET items = items + 1 WHERE id = ?').run(asked.id);
    });
    expect(await build(session, asked.id, place.path('more'))).toMatchObject({ state: 'built' });
  });

  it('leave no plaintext of what they export on disk', () => {
    const needle = Buffer.from('OP-7 picture 0 OP-7 picture 0');
    const all = readdirSync(place.workspace.folder, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(10);
    for (const entry of files) {
      const bytes = readFileSync(path.join(entry.parentPath, entry.name));
      expect(bytes.includes(needle), entry.name).toBe(false);
    }
  });
});

function blobFiles(place: Place): string[] {
  const all = readdirSync(path.join(place.workspace.dir, 'blobs'), {
    recursive: true,
    withFileTypes: true,
  });
  return all.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
}
