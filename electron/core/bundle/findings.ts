/**
 * findings.json and items.csv: everything exact. Written item by item, in one turn, so that the
 * whole is true of one instant. Layout of the JSON: one top-level key per line, and in the arrays
 * `refusals`, `stacks` and `items` one object per line (docs/formats.md).
 */
import type { Reader } from '#core/store/types.ts';
import {
  exportDecisions,
  exportFacts,
  exportItems,
  exportLooks,
  exportOccurrences,
  exportRefusals,
  exportStacks,
} from '#core/store/tables/export.ts';
import { exactPath, itemFinding, type ItemFinding } from './item-finding.ts';
import { TABLE_HEADER, tableRow } from './items-table.ts';
import { createSpool, type Spooled } from './spool.ts';

export const FINDINGS_FORMAT = 'custos-findings-1';
const PAGE = 500;

/** An item's place in the payload. */
export interface PayloadItem {
  /** From 1, in the order of import. */
  number: number;
  path: string;
  sha256: Buffer;
  bytes: number;
}

/** What a reader of the report wants to see of an item. */
export interface ListedItem {
  number: number;
  file: string;
  sha256: string;
  bytes: number;
  category: string;
  basis: string;
  looks: number;
}

export interface Collected {
  findings: Spooled;
  table: Spooled;
  payload: PayloadItem[];
  /** The first `listLimit` items. */
  listed: ListedItem[];
  /** Titles of categories met, by id. */
  categoryTitles: Map<string, string>;
  /** "id version" of every law pack a decision in force rests on. */
  lawPacks: Set<string>;
}

/** `header`: the top-level keys before the lists. Synchronous, so nothing changes meanwhile. */
export function collectFindings(
  db: Reader,
  caseId: number,
  header: Record<string, unknown>,
  listLimit: number,
): Collected {
  const spool = createSpool();
  const table = createSpool();
  const payload: PayloadItem[] = [];
  const listed: ListedItem[] = [];
  const categoryTitles = new Map<string, string>();
  const lawPacks = new Set<string>();

  spool.write('{\n');
  for (const [key, value] of Object.entries({ format: FINDINGS_FORMAT, ...header })) {
    spool.write(`${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  }
  const list = (key: string, rows: Iterable<unknown>, last: boolean): void => {
    spool.write(`${JSON.stringify(key)}: [\n`);
    let previous: string | null = null;
    for (const row of rows) {
      if (previous !== null) spool.write(`${previous},\n`);
      previous = JSON.stringify(row);
    }
    spool.write(`${previous === null ? '' : `${previous}\n`}]${last ? '\n}\n' : ',\n'}`);
  };

  list('refusals', exportRefusals(db, caseId).map(refusal), false);
  list('stacks', stacks(db, caseId), false);
  table.write(`${TABLE_HEADER.join(',')}\r\n`);
  const items = function* (): Generator<ItemFinding> {
    for (const finding of itemFindings(db, caseId)) {
      payload.push({
        number: finding.number,
        path: finding.file,
        sha256: Buffer.from(finding.sha256, 'hex'),
        bytes: finding.bytes,
      });
      if (finding.decision) {
        const { category, categoryTitle, lawPack, lawPackVersion } = finding.decision;
        categoryTitles.set(category, categoryTitle);
        lawPacks.add(`${lawPack} ${lawPackVersion}`);
      }
      if (listed.length < listLimit) listed.push(listedItem(finding));
      table.write(tableRow(finding));
      yield finding;
    }
  };
  list('items', items(), true);
  return {
    findings: spool.finish(),
    table: table.finish(),
    payload,
    listed,
    categoryTitles,
    lawPacks,
  };
}

function* itemFindings(db: Reader, caseId: number): Generator<ItemFinding> {
  let number = 0;
  for (let after = 0; ;) {
    const items = exportItems(db, { caseId, after, limit: PAGE });
    const last = items.at(-1)?.id;
    if (last === undefined) return;
    const span = { caseId, after, last };
    const occurrences = byItem(exportOccurrences(db, span));
    const decisions = byItem(exportDecisions(db, span));
    const looks = byItem(exportLooks(db, span));
    for (const item of items) {
      number += 1;
      yield itemFinding(
        number,
        item,
        occurrences.get(item.id) ?? [],
        decisions.get(item.id) ?? [],
        looks.get(item.id) ?? [],
      );
    }
    after = last;
  }
}

function byItem<T extends { itemId: number }>(rows: readonly T[]): Map<number, T[]> {
  return Map.groupBy(rows, (row) => row.itemId);
}

function refusal(row: {
  importId: number;
  pathRaw: Buffer;
  pathDisplay: string;
  code: string;
  reason: string;
}): Record<string, unknown> {
  return { importId: row.importId, ...exactPath(row), code: row.code, reason: row.reason };
}

/** Stacks with every fact ever recorded about them; the last of a key is in force. */
function* stacks(db: Reader, caseId: number): Generator<Record<string, unknown>> {
  for (let after = 0; ;) {
    const page = exportStacks(db, { caseId, after, limit: PAGE });
    const last = page.at(-1)?.id;
    if (last === undefined) return;
    const facts = Map.groupBy(exportFacts(db, { caseId, after, last }), (fact) => fact.stackId);
    for (const { id, representativeId, items, undecided } of page) {
      const recorded = (facts.get(id) ?? []).map(({ stackId: _stackId, ...fact }) => fact);
      yield {
        stackId: id,
        representativeItemId: representativeId,
        items,
        undecided,
        facts: recorded,
      };
    }
    after = last;
  }
}

function listedItem(finding: ItemFinding): ListedItem {
  return {
    number: finding.number,
    file: finding.file.slice(finding.file.lastIndexOf('/') + 1),
    sha256: finding.sha256,
    bytes: finding.bytes,
    category: finding.decision?.categoryTitle ?? finding.state,
    basis: finding.decision?.basis ?? '',
    looks: finding.looks.length,
  };
}
