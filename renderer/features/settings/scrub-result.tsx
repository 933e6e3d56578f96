import type { ReactNode } from 'react';
import type { ScrubReport } from '#shared/contract/upkeep.ts';
import { Badge } from '../../ui/badge.tsx';
import { plural, when } from '../../ui/format.ts';
import { checkedWords, headline, KIND_WORDS } from './scrub-words.ts';

/** The newest finished check, in words. */
export function ScrubResult({ report, by }: { report: ScrubReport; by: string | null }): ReactNode {
  return (
    <div className="card block" role="group" aria-label="Result of the newest check">
      <div className="page-head">
        <h3>
          <Badge kind={report.good ? 'good' : 'bad'}>{headline(report)}</Badge>
        </h3>
        <span className="quiet small num" title={report.endedAt}>
          {KIND_WORDS[report.kind]}, {when(report.endedAt)}
          {by === null ? ', not on the record: the workspace is read-only' : ` by ${by}`}
        </span>
      </div>
      <ul className="told">
        {checkedWords(report).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {report.notChecked.map((sentence) => (
          <li key={sentence} className="quiet">
            Not checked: {sentence}
          </li>
        ))}
      </ul>
      {report.findings.length > 0 && (
        <ul className="findings" aria-label="Findings">
          {report.findings.map((finding, index) => (
            <li key={`${index} ${finding.text}`}>
              <Badge kind={finding.severity === 'wrong' ? 'bad' : 'plain'}>
                {finding.severity === 'wrong' ? 'Wrong' : 'Note'}
              </Badge>
              <span>{finding.text}</span>
            </li>
          ))}
        </ul>
      )}
      {report.more > 0 && (
        <p className="quiet">And {plural(report.more, 'finding')} more like these.</p>
      )}
    </div>
  );
}
