/** A workspace with originals, and a scrub of it in one call. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { ScrubReport } from '#shared/contract/upkeep.ts';
import { memberDirectory } from '#core/access/directory.ts';
import { readHeader } from '#core/access/key-files.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { verifyRecord } from '#core/record/verify.ts';
import type { ScrubKind } from '#core/store/tables/scrubs.ts';
import { beginScrub, type ScrubDeps } from '#core/upkeep/scrub.ts';
import { addOriginals, type Original } from '../../support/originals.ts';
import {
  makeWorkspace,
  realClock,
  type TestMember,
  type TestWorkspace,
} from '../../support/workspace.ts';
import type { Watch } from '#core/upkeep/watch.ts';

export interface Place extends TestWorkspace {
  session: Session;
  originals: Original[];
  blobPath(original: Original): string;
}

export const SIZES = [0, 1, 700, 40_000, 300_000];

export async function place(members?: readonly [TestMember, ...TestMember[]]): Promise<Place> {
  const workspace = await makeWorkspace(members ? { members } : {});
  onTestFinished(() => workspace.remove());
  const session = await workspace.open();
  const originals = await addOriginals(
    session,
    SIZES.map((size) => randomBytes(size)),
  );
  const names = originals.map(({ sha256 }) => session.blobs!.nameOf(sha256));
  return {
    ...workspace,
    session,
    originals,
    blobPath: (original) =>
      path.join(workspace.dir, 'blobs', names[originals.indexOf(original)] ?? 'unknown'),
  };
}

export function scrubDeps(workspace: TestWorkspace, session: Session): ScrubDeps {
  return {
    session,
    clock: realClock,
    verifyRecord: () =>
      verifyRecord(session.workspace.dir, {
        workspaceId: session.workspace.id,
        checkpointPublic: session.keys.checkpointPublic,
        recordPrivate: session.keys.recordPrivate,
        earlierPrivates: session.keys.earlierPrivates.map(({ key }) => key),
        earlierCheckpoints: session.keys.earlierCheckpoints,
        members: memberDirectory(readHeader(session.workspace.dir), session.catalogue),
        anchors: openAnchors(workspace.ports.machineDir),
      }),
  };
}

export const unwatched = (): Watch => ({
  signal: new AbortController().signal,
  setTotal: () => undefined,
  advance: () => undefined,
});

export function scrubNow(
  workspace: TestWorkspace,
  session: Session,
  kind: ScrubKind,
  watch: Watch = unwatched(),
): Promise<ScrubReport> {
  return beginScrub(scrubDeps(workspace, session), { kind, duty: 1, resume: true }).run(watch);
}

export const wrong = (report: ScrubReport): string[] =>
  report.findings.filter(({ severity }) => severity === 'wrong').map(({ code }) => code);
