import { useState, type ReactNode } from 'react';
import type { BundleVerification } from '#shared/contract/bundles.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { call } from '../../bridge/wire.ts';
import { Badge, type BadgeKind } from '../../ui/badge.tsx';
import { Button } from '../../ui/controls.tsx';
import { plural } from '../../ui/format.ts';
import { Loading, Trouble } from '../../ui/states.tsx';
import { EDITION_WORDS } from './editions.ts';

type Outcome = BundleVerification['checks'][number]['outcome'];
const OUTCOMES: Record<Outcome, { kind: BadgeKind; word: string }> = {
  good: { kind: 'good', word: 'Good' },
  bad: { kind: 'bad', word: 'Wrong' },
  'not-checked': { kind: 'plain', word: 'Not checked' },
};

/** A bundle somebody handed over: is it what it says, and whole? */
export function VerifyReceived(): ReactNode {
  const [label, setLabel] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<BundleVerification | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);

  async function verify(): Promise<void> {
    setError(null);
    const chosen = await call('bundles.chooseReceived', {});
    if (!chosen.ok) return setError(chosen.error);
    if (chosen.value === null) return;
    setLabel(chosen.value.label);
    setFound(null);
    setBusy(true);
    const { file, identity } = chosen.value;
    const result = await call('bundles.verify', { file, identity });
    setBusy(false);
    if (result.ok) setFound(result.value);
    else setError(result.error);
  }

  return (
    <section className="block">
      <div className="page-head">
        <div>
          <h2>Verify a received bundle</h2>
          <p className="quiet">Choose the file, and the key it was encrypted to if you have it.</p>
        </div>
        <Button disabled={busy} onClick={() => drop(verify())}>
          Choose a bundle
        </Button>
      </div>
      {error !== null && <Trouble error={error} />}
      {busy && <Loading what={`Checking ${label ?? 'the bundle'}`} />}
      {found !== null && (
        <div className="card block" role="status">
          <h3>
            <Badge kind={found.good ? 'good' : 'bad'}>
              {found.good ? 'Every check made is good' : 'At least one check is wrong'}
            </Badge>
          </h3>
          <p className="quiet">
            {[
              label,
              found.caseRef,
              found.edition === null ? null : EDITION_WORDS[found.edition].label.toLowerCase(),
              found.items === null ? null : plural(found.items, 'item'),
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </p>
          {found.signer !== null && (
            <p>
              Signed by {found.signer.name} <code>{found.signer.fingerprint}</code>
              <span className="quiet">
                {found.signer.known
                  ? ', a member of this workspace'
                  : ', not known here: compare the fingerprint by another way'}
              </span>
            </p>
          )}
          <ul className="checks" aria-label="Checks">
            {found.checks.map((check) => (
              <li key={check.name}>
                <Badge kind={OUTCOMES[check.outcome].kind}>{null}</Badge>
                <span>
                  {check.name}
                  <span className="unseen">: {OUTCOMES[check.outcome].word}</span>
                </span>
                <p className="quiet">{check.detail}</p>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
