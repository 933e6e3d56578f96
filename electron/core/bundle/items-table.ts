/** items.csv: one row per item, safe to open in a spreadsheet; findings.json is the exact one. */
import { csvRow } from './csv.ts';
import type { ItemFinding } from './item-finding.ts';

export const TABLE_HEADER = (
  'number,file,sha256,sha1,md5,bytes,mime,width,height,pdq,pdq_quality,state,unreadable_reason,' +
  'stack,category,category_title,rule,law_pack,law_pack_version,overridden,basis,reason,' +
  'decided_by,decided_at,looks,occurrences,first_path,first_source,first_exhibit'
).split(',');

export function tableRow(finding: ItemFinding): string {
  const { decision } = finding;
  const [first] = finding.occurrences as { path: string; source: string; exhibit: string }[];
  return csvRow([
    finding.number,
    finding.file,
    finding.sha256,
    finding.sha1,
    finding.md5,
    finding.bytes,
    finding.mime,
    finding.width,
    finding.height,
    finding.pdq,
    finding.pdqQuality,
    finding.state,
    finding.unreadable?.reason ?? null,
    finding.stackId,
    decision?.category ?? null,
    decision?.categoryTitle ?? null,
    decision?.rule ?? null,
    decision?.lawPack ?? null,
    decision?.lawPackVersion ?? null,
    decision ? (decision.overridden ? 'yes' : 'no') : null,
    decision?.basis ?? null,
    decision?.reason ?? null,
    decision?.by ?? null,
    decision?.at ?? null,
    finding.looks.length,
    finding.occurrences.length,
    first?.path ?? null,
    first?.source ?? null,
    first?.exhibit ?? null,
  ]);
}
