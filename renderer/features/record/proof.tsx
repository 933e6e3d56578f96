import { useState, type ReactNode } from 'react';
import type { RecordVerdict } from '#shared/contract/record.ts';
import { drop } from '../../bridge/drop.ts';
import { valueOrTell } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { CopyButton, Copyable } from '../../ui/copyable.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { count, duration, plural, when } from '../../ui/format.ts';

const ANCHOR_WORDS: Record<RecordVerdict['anchor'], string> = {
  agrees: 'agrees with what this computer remembers',
  none: 'this computer has no memory of it yet',
  disagrees: 'disagrees with what this computer remembers',
};

/** Is the record whole? And a checkpoint to keep elsewhere. */
export function ProofCard(): ReactNode {
  const [busy, setBusy] = useState<'verify' | 'checkpoint' | null>(null);
  const [verdict, setVerdict] = useState<RecordVerdict | null>(null);
  const [note, setNote] = useState<{ note: string; size: number; root: string } | null>(null);

  async function verify(): Promise<void> {
    setBusy('verify');
    setVerdict(valueOrTell(await call('record.verify', {})));
    setBusy(null);
  }

  async function checkpoint(): Promise<void> {
    setBusy('checkpoint');
    setNote(valueOrTell(await call('record.checkpoint', {})));
    setBusy(null);
  }

  useActions('Record', [
    { name: 'verify', label: 'verify the record', keys: ['v'], perform: () => drop(verify()) },
    {
      name: 'checkpoint',
      label: 'make a checkpoint',
      keys: ['c'],
      perform: () => drop(checkpoint()),
    },
  ]);

  return (
    <section className="card block" aria-label="Proof">
      <div className="page-head">
        <div role="status">
          {verdict === null ? (
            <>
              <h2>Is the record whole?</h2>
              <p className="quiet">
                Verifying reads every entry and compares chain, tree, checkpoints and this
                computer’s memory.
              </p>
            </>
          ) : (
            <>
              <h2>
                <Badge kind={verdict.good ? 'good' : 'bad'}>
                  {verdict.good ? 'The record is whole' : 'The record was changed'}
                </Badge>
              </h2>
              <p className="quiet">
                {count(verdict.entries)} entries in {duration(verdict.seconds)};{' '}
                {ANCHOR_WORDS[verdict.anchor]}
              </p>
            </>
          )}
        </div>
        <div className="buttons">
          <Button disabled={busy !== null} onClick={() => drop(verify())}>
            {busy === 'verify' ? 'Verifying…' : 'Verify the record'} <Kbd>V</Kbd>
          </Button>
          <Button disabled={busy !== null} onClick={() => drop(checkpoint())}>
            {busy === 'checkpoint' ? 'Signing…' : 'Make a checkpoint'} <Kbd>C</Kbd>
          </Button>
        </div>
      </div>
      {verdict !== null && <VerdictLines verdict={verdict} />}
      {note !== null && (
        <Dialog
          wide
          title={`Checkpoint after ${plural(note.size, 'entry', 'entries')}`}
          about="Copy this note and keep it outside this computer: on paper, in the file, with another office. Any change before it is then found."
          onClose={() => setNote(null)}
          onSubmit={() => setNote(null)}
        >
          <pre className="note-text" tabIndex={0} aria-label="Checkpoint note">
            {note.note}
          </pre>
          <div className="buttons buttons-end">
            <CopyButton text={note.note} label="Copy the note" />
            <Button look="main" type="submit" autoFocus>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function VerdictLines({ verdict }: { verdict: RecordVerdict }): ReactNode {
  const { lastCheckpoint } = verdict;
  return (
    <>
      {verdict.findings.length > 0 && (
        <ul className="block" aria-label="Findings">
          {verdict.findings.map((finding) => (
            <li key={finding}>
              <Badge kind="bad">{finding}</Badge>
            </li>
          ))}
        </ul>
      )}
      <dl className="figures">
        <dt>Root of the tree</dt>
        <dd>
          <Copyable text={verdict.root} name="root" />
        </dd>
        <dt>Checkpoints</dt>
        <dd>{count(verdict.checkpoints)}</dd>
        <dt>Newest checkpoint</dt>
        <dd>
          {lastCheckpoint === null
            ? 'none yet'
            : `${when(lastCheckpoint.at)}, after ${plural(lastCheckpoint.size, 'entry', 'entries')}`}
        </dd>
        <dt>Entries since</dt>
        <dd>{count(verdict.sinceCheckpoint)}</dd>
      </dl>
    </>
  );
}
