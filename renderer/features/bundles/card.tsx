import { useState, type ReactNode } from 'react';
import type { BundleSummary } from '#shared/contract/bundles.ts';
import type { BundleState } from '#shared/domain/words.ts';
import { drop } from '../../bridge/drop.ts';
import { tellDone, valueOrTell } from '../../bridge/notices.ts';
import { useRoles, useSession } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Badge, type BadgeKind } from '../../ui/badge.tsx';
import { Button } from '../../ui/controls.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { plural, size, when } from '../../ui/format.ts';
import { EDITION_WORDS } from './editions.ts';

const STATES: Record<BundleState, { kind: BadgeKind; word: string }> = {
  requested: { kind: 'waiting', word: 'Requested' },
  approved: { kind: 'good', word: 'Approved' },
  built: { kind: 'good', word: 'Built' },
  failed: { kind: 'bad', word: 'Failed' },
};

export function BundleCard(props: { bundle: BundleSummary; onChanged: () => void }): ReactNode {
  const { bundle } = props;
  const waits = bundle.state === 'requested' && bundle.needsApproval;
  const state = STATES[bundle.state];
  return (
    <article className="card bundle" aria-label={`Bundle ${bundle.id} of ${bundle.caseRef}`}>
      <div>
        <p className="bundle-title">
          <strong>
            {bundle.caseRef}, {EDITION_WORDS[bundle.edition].label.toLowerCase()}
          </strong>
          <Badge kind={state.kind}>{waits ? 'Waits for approval' : state.word}</Badge>
        </p>
        <p className="quiet">
          Bundle {bundle.id} · {plural(bundle.items, 'item')}
          {bundle.bytes !== null && `, ${size(bundle.bytes)}`} ·{' '}
          {plural(bundle.recipients.length, 'recipient')}
        </p>
        <p className="quiet small">
          requested by {bundle.requestedBy}, {when(bundle.requestedAt)}
          {bundle.approvedBy !== null &&
            bundle.approvedAt !== null &&
            ` · approved by ${bundle.approvedBy}, ${when(bundle.approvedAt)}`}
          {bundle.builtBy !== null &&
            bundle.builtAt !== null &&
            ` · built by ${bundle.builtBy}, ${when(bundle.builtAt)}`}
        </p>
        {bundle.message !== null && <p>{bundle.message}</p>}
        {bundle.sha256 !== null && (
          <p className="small">
            <span className="quiet">SHA-256 of the file </span>
            <Copyable text={bundle.sha256} name="SHA-256 of the bundle" />
          </p>
        )}
      </div>
      <Acts {...props} />
    </article>
  );
}

/** What this member can do with this bundle now. The core checks it again. */
function Acts({ bundle, onChanged }: { bundle: BundleSummary; onChanged: () => void }): ReactNode {
  const roles = useRoles();
  const me = useSession((state) => state.status?.member?.name);
  const [busy, setBusy] = useState(false);
  const waits = bundle.state === 'requested' && bundle.needsApproval;
  const packs = roles.includes('investigator') || roles.includes('legal');
  const canBuild = packs && !waits && bundle.state !== 'built';

  async function approve(): Promise<void> {
    setBusy(true);
    const done = valueOrTell(await call('bundles.approve', { bundleId: bundle.id }));
    setBusy(false);
    if (done === null) return;
    tellDone(`Bundle ${bundle.id} is approved. Whoever requested it can build it now.`);
    onChanged();
  }

  async function build(): Promise<void> {
    setBusy(true);
    const target = valueOrTell(await call('bundles.chooseTarget', { bundleId: bundle.id }));
    if (target !== null) {
      const begun = await call('bundles.build', { bundleId: bundle.id, target: target.choice });
      if (valueOrTell(begun) !== null) onChanged();
    }
    setBusy(false);
  }

  if (waits && roles.includes('supervisor')) {
    return bundle.requestedBy === me ? (
      <span className="quiet small">another supervisor approves</span>
    ) : (
      <Button look="main" disabled={busy} onClick={() => drop(approve())}>
        Approve
      </Button>
    );
  }
  if (!canBuild) return null;
  return (
    <Button look="main" disabled={busy} onClick={() => drop(build())}>
      {bundle.state === 'failed' ? 'Build again' : 'Build'}
    </Button>
  );
}
