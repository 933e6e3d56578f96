/** Bundles: request, approve, build, verify. */
import { basename } from 'node:path';
import { buildBundle } from '#core/bundle/build.ts';
import {
  approveBundle,
  bundleSummary,
  listBundles,
  previewBundle,
  requestBundle,
} from '#core/bundle/requests.ts';
import { verifyBundle } from '#core/bundle/verify.ts';
import { caseFigures } from '#core/review/figures.ts';
import type { Session } from '#core/access/types.ts';
import { allowedSigners } from '#core/bundle/signers.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'bundles.list'
  | 'bundles.preview'
  | 'bundles.request'
  | 'bundles.approve'
  | 'bundles.chooseTarget'
  | 'bundles.build'
  | 'bundles.chooseReceived'
  | 'bundles.verify';

export function bundleHandlers(desk: Desk): Pick<Handlers, Rooms> {
  const deps = (session: Session) => ({ session, clock: desk.ports.clock });
  return {
    'bundles.list': ({ caseId }, session) => listBundles(session, caseId),
    'bundles.preview': (input, session) => previewBundle(session, input),
    'bundles.request': (input, session) => requestBundle(deps(session), input),
    'bundles.approve': ({ bundleId }, session) => approveBundle(deps(session), bundleId),
    'bundles.chooseTarget': async ({ bundleId }, session) => {
      const { caseRef } = bundleSummary(session, bundleId);
      const path = await desk.ports.dialogs.chooseTarget(fileName(caseRef, bundleId));
      return path === null ? null : { choice: desk.choices.keep([path]), label: basename(path) };
    },
    'bundles.build': ({ bundleId, target }, session) => {
      const bundle = bundleSummary(session, bundleId);
      const out = desk.choices.path(target);
      const what = {
        kind: 'bundle' as const,
        caseId: bundle.caseId,
        label: `Bundle ${bundle.id} of ${bundle.caseRef}`,
      };
      const { jobId } = desk.jobs().start(what, async (job) => {
        job.setResult(bundleId);
        await buildBundle({ ...deps(session), figures: caseFigures, job }, bundleId, out);
      });
      return { jobId };
    },
    'bundles.chooseReceived': async () => {
      const chosen = await desk.ports.dialogs.chooseReceived();
      if (!chosen) return null;
      return {
        file: desk.choices.keep([chosen.file]),
        identity: chosen.identity === null ? null : desk.choices.keep([chosen.identity]),
        label: basename(chosen.file),
      };
    },
    'bundles.verify': async ({ file, identity, signers }, session) => {
      const verdict = await verifyBundle({
        file: desk.choices.path(file),
        identityFile: identity === null ? null : desk.choices.path(identity),
        signersFile: signers === null ? null : desk.choices.path(signers),
        knownSigners: allowedSigners(session),
      });
      const { good, signer, caseRef, checks } = verdict;
      const failed = checks.filter((check) => check.outcome === 'bad').map((check) => check.name);
      if (session.readOnly === null)
        session.note({
          type: 'bundle.verified',
          detail: { good, signer: signer?.fingerprint ?? null, caseRef, failed },
        });
      return verdict;
    },
  };
}

/** Only characters that every file system takes; the reference itself may hold anything. */
function fileName(caseRef: string, bundleId: number): string {
  const safe = caseRef.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'case';
  return `${safe}-${bundleId}.tar.age`;
}
