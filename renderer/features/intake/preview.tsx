import type { ReactNode } from 'react';
import type { Output } from '#shared/contract/contract.ts';
import { Badge } from '../../ui/badge.tsx';
import { count, duration, plural, size } from '../../ui/format.ts';

/** What a dry run found: counts, kinds, room and time. Nothing has been brought in yet. */
export function PreviewFigures({ preview }: { preview: Output<'intake.preview'> }): ReactNode {
  const kinds = Object.entries(preview.byType).sort(([, a], [, b]) => b - a);
  const tight = preview.bytes > preview.freeBytes;
  return (
    <>
      <h3>What would come in</h3>
      <dl className="figures">
        <dt>Files</dt>
        <dd>
          {preview.truncated ? 'at least ' : ''}
          {count(preview.files)}
        </dd>
        {kinds.map(([kind, files]) => (
          <Line key={kind} name={`· ${kind}`} value={count(files)} />
        ))}
        {preview.refused > 0 && <Line name="Would be refused" value={count(preview.refused)} />}
        <Line name="Together" value={size(preview.bytes)} />
        <Line name="Free on the workspace’s disk" value={size(preview.freeBytes)} />
        <Line
          name="Time"
          value={
            preview.expectedSeconds === null
              ? 'known after the first import'
              : `about ${duration(preview.expectedSeconds)}`
          }
        />
      </dl>
      {tight && (
        <Badge kind="bad">
          {plural(Math.ceil((preview.bytes - preview.freeBytes) / 1e6), 'MB', 'MB')} too little room
        </Badge>
      )}
    </>
  );
}

function Line({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
