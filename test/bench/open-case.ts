/**
 * A case of 10 000 items: from pressing it in the list to its figures, from there to the gallery's
 * tiles and to the review's first covered stack.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import { addToLedger, endImport, insertImport } from '#core/store/tables/imports.ts';
import { insertItem, insertOccurrence, setItemStack } from '#core/store/tables/items.ts';
import { growStack, insertStack } from '#core/store/tables/stacks.ts';
import type { Writer } from '#core/store/types.ts';
import { MEMBER, openCase, PASSWORD } from './case.ts';
import type { Figure } from './figure.ts';
import { median } from './statistics.ts';
import { benchPorts, openBenchWindow, timeKey } from './window.ts';

const ITEMS = 10_000;
/** Members of a stack, in turn. */
const STACKS_OF = [1, 1, 2, 3, 6];
const ROUNDS = 7;
const LIMIT_MS = 1000;

export async function openCaseBench(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'custos-bench-'));
  try {
    const workspace = join(folder, 'workspace');
    const { caseId, close } = await openCase(workspace);
    await close();
    const session = await openWorkspace(benchPorts(workspace), workspace, MEMBER, PASSWORD);
    fill(session, caseId);
    session.close('command');

    const window = await openBenchWindow(workspace);
    try {
      const toGallery: number[] = [];
      const toReview: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        toGallery.push(await open(window.page, 'g', '.grid-cell .tile'));
        toReview.push(await open(window.page, 'r', '.stage .tile'));
      }
      return [figure('gallery’s tiles', toGallery), figure('first covered stack', toReview)];
    } finally {
      await window.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of waiting: for the case after pressing it, and for the room after its key. */
async function open(page: Page, key: string, selector: string): Promise<number> {
  await page.getByRole('button', { name: /^BENCH/ }).focus();
  const toCase = await timeKey(page, 'Enter', '.north-figure');
  const toRoom = await timeKey(page, key, selector);
  await page.keyboard.press('Alt+Digit1');
  await page.keyboard.press('Escape');
  return toCase + toRoom;
}

/** Rows as an import leaves them; no bytes, as nothing here shows a picture. */
function fill(session: Session, caseId: number): void {
  const at = new Date().toISOString();
  const entry = { type: 'import.begun' as const, detail: { caseId } };
  session.act(entry, (tx, seq) => {
    const importId = insertImport(tx, {
      caseId,
      source: 'made up',
      exhibit: '',
      acquirer: session.member.id,
      startedAt: at,
      seq,
    });
    let made = 0;
    for (let stack = 0; made < ITEMS; stack++) {
      const wanted = Math.min(STACKS_OF[stack % STACKS_OF.length]!, ITEMS - made);
      const ids = Array.from({ length: wanted }, () =>
        addItem(tx, { caseId, importId, at, seq, number: made++ }),
      );
      const [first, ...others] = ids;
      const stackId = insertStack(tx, { caseId, representativeId: first!, createdAt: at });
      setItemStack(tx, first!, stackId, null);
      for (const id of others) {
        setItemStack(tx, id, stackId, { toItemId: first!, distance: 6, orientation: 'orig' });
        growStack(tx, stackId);
      }
    }
    addToLedger(tx, importId, {
      added: ITEMS,
      duplicate: 0,
      unreadable: 0,
      refused: 0,
      bytes: ITEMS * 100_000,
    });
    endImport(tx, importId, { state: 'done', endedAt: at, message: null });
  });
}

interface Made {
  caseId: number;
  importId: number;
  at: string;
  seq: number;
  number: number;
}

function addItem(tx: Writer, { caseId, importId, at, seq, number }: Made): number {
  const digest = (name: string): Buffer => createHash(name).update(String(number)).digest();
  const itemId = insertItem(tx, {
    caseId,
    importId,
    sha256: digest('sha256'),
    sha1: digest('sha1'),
    md5: digest('md5'),
    bytes: 100_000,
    mime: 'image/jpeg',
    ext: 'jpg',
    width: 1600,
    height: 1200,
    frames: 1,
    pdq: digest('sha256'),
    pdqQuality: 100,
    state: 'undecided',
    unreadableCode: null,
    unreadableReason: null,
    createdAt: at,
    seq,
  });
  const path = `made up/picture-${number}.jpg`;
  insertOccurrence(tx, {
    itemId,
    importId,
    pathRaw: Buffer.from(path),
    pathDisplay: path,
    source: 'made up',
    exhibit: '',
    modifiedAt: null,
    seenAt: at,
  });
  return itemId;
}

function figure(what: string, took: readonly number[]): Figure {
  return {
    name: `case of ${ITEMS} items to its ${what}`,
    value: `median ${median(took).toFixed(0)} ms, first ${took[0]!.toFixed(0)} ms, worst ${Math.max(...took).toFixed(0)} ms`,
    against: 'pressing the case, then the key of the room',
    ratio: null,
    target: `median < ${LIMIT_MS} ms`,
    met: median(took) < LIMIT_MS,
  };
}
