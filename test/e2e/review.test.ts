/** The main job at the keyboard: a folder of files becomes decided stacks, every look recorded. */
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Output } from '#shared/contract/contract.ts';
import { RUNG_WORDS } from '#shared/domain/words.ts';
import { makeCase, type MadeCase } from '#electron/cli/demo/make-case.ts';
import { onEveryHost } from './support/hosts.ts';
import { hold, painted, pictures, release, type Seen } from './support/looking.ts';
import { foundedPlace, type Place } from './support/place.ts';
import { eventually, enter, lock, openAs, press, words, type Window } from './support/window.ts';

const PICTURES = 6;

onEveryHost('the main job', (open) => {
  let place: Place;
  let window: Window;
  let made: MadeCase;
  let caseId = 0;
  /** What was done, in order, to be held against the record. */
  const looks: Seen[] = [];
  const decided: { stackId: number; category: string; facts: Record<string, string> }[] = [];
  /** Looks on the record at the moment the core was asked for each picture. */
  const recordedAtServing: number[] = [];

  const look = async (): Promise<void> => {
    looks.push(await hold(window.page));
  };
  const queue = async (): Promise<Output<'review.queue'>['entries']> => {
    const answer = await window.call('review.queue', { caseId });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value.entries;
  };
  const verdict = () => words(window.page.getByRole('region', { name: /^Category derived/ }));
  const said = () => words(window.page.getByRole('main').getByRole('status').first());
  const stack = (position: number, total: number) =>
    window.page.getByRole('region', { name: `Stack ${position} of ${total}` }).waitFor();

  beforeAll(async () => {
    place = await foundedPlace('review', async (_client, { path }) => {
      made = await makeCase(path('seized disk'), PICTURES);
    });
    window = await openAs(open, place, 'Ada', {
      answers: { sources: [place.path('seized disk')] },
    });
    const { workstation } = window.app;
    if (!workstation) return;
    const serve = workstation.picture.bind(workstation);
    workstation.picture = async (token) => {
      const answer = await workstation.call('record.list', { types: ['look.granted'] });
      if (answer.ok) recordedAtServing.push((answer.value as Output<'record.list'>).entries.length);
      return serve(token);
    };
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  it('creates a case', async () => {
    const { page } = window;
    await page.getByRole('heading', { name: 'No case yet' }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Reference').fill('C-1');
    await page.getByLabel('Title').fill('Made-up pictures on a made-up disk');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^C-1 Made-up pictures/ }).waitFor();
    expect(await page.title()).toContain('C-1');
    const cases = await window.call('cases.list', {});
    if (cases.ok) caseId = cases.value[0]!.id;
  });

  it('previews a folder, imports it, and the ledger on the screen balances', async () => {
    const { page } = window;
    await page.keyboard.press('i');
    await page.getByRole('heading', { level: 1, name: 'Intake' }).waitFor();
    await page.keyboard.press('d');
    const start = page.getByRole('button', { name: `Import ${made.files} files` });
    await start.waitFor();
    expect(await words(page.getByRole('list', { name: 'Chosen' }))).toContain('seized disk');
    expect(await words(page.getByRole('main'))).toMatch(
      new RegExp(`Files ${made.files} .*Together [\\d.]+ MB`),
    );

    await page.getByLabel('Source label').fill('seized disk');
    await page.getByLabel('Exhibit reference').fill('JD/1');
    const running = page.getByRole('region', { name: 'Running import' });
    await Promise.all([running.getByRole('progressbar').waitFor(), page.keyboard.press('Enter')]);
    const row = page.getByRole('row').filter({ hasText: 'seized disk' });
    await row.getByText('Done').waitFor({ timeout: 30_000 });
    const ledger = (await row.getByRole('cell').allInnerTexts()).slice(5, 10).map(Number);
    const [offered, fresh, duplicate, unreadable, refused] = ledger as [
      number,
      number,
      number,
      number,
      number,
    ];
    expect(offered).toBe(made.files);
    expect(offered).toBe(fresh + duplicate + unreadable + refused);
    expect(duplicate).toBe(made.copies.exact);
    expect(unreadable + refused).toBe(made.broken);
  });

  it('names every file that could not be read, with the reason', async () => {
    const { page } = window;
    await press(page, 'button', /^See why not everything of seized disk/);
    const dialog = page.getByRole('dialog', { name: 'What could not be read' });
    await dialog.getByRole('row').nth(made.broken).waitFor();
    const failures = await dialog.getByRole('row').all();
    const texts = (await Promise.all(failures.slice(1).map(words))).join('\n');
    for (const name of await readdir(place.path('seized disk', 'broken')))
      expect(texts).toContain(name);
    expect(texts.split('\n')).toHaveLength(made.broken);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('shows no picture anywhere until Space is held, and none once it is let go', async () => {
    const { page } = window;
    await enter(page, 'Review');
    const [first] = await queue();
    await stack(1, PICTURES);
    expect(await pictures(page).count()).toBe(0);
    expect(window.pictures).toEqual([]);

    await look();
    expect(looks[0]).toEqual({ itemId: first!.representativeId, rung: 'stylised' });
    expect(await pictures(page).count()).toBe(1);
    const granted = await window.call('record.list', { types: ['look.granted'] });
    expect(granted).toMatchObject({
      ok: true,
      value: { entries: [{ detail: { itemId: first!.representativeId, rung: 1 } }] },
    });
    await release(page);
    expect(await words(page.getByRole('main'))).toContain('stylised · hold Space');
  });

  it('climbs the ladder with the arrows, before and while looking', async () => {
    const { page } = window;
    await page.keyboard.press('ArrowUp');
    await page.getByText('small grey · hold Space').waitFor();
    await look();
    expect(looks.at(-1)!.rung).toBe('small grey');
    for (const rung of ['large grey', 'colour']) {
      await page.keyboard.press('ArrowUp');
      looks.push(await painted(page, rung));
    }
    // There is nothing above colour, so nothing more is asked for.
    await page.keyboard.press('ArrowUp');
    expect((await painted(page)).rung).toBe('colour');
    await release(page);
    for (const rung of ['large grey', 'small grey', 'stylised']) {
      await page.keyboard.press('ArrowDown');
      await page.getByText(`${rung} · hold Space`).waitFor();
    }
    expect(looks).toHaveLength(4);
  });

  it('derives the category live from facts chosen by keys, and says what it still needs', async () => {
    const { page } = window;
    expect(await verdict()).toContain('No category yet');
    expect(await verdict()).toContain('needs: apparent age');
    await page.keyboard.press('Enter');
    await eventually(said).toBe('Not yet: needs apparent age.');
    // Enter opened what is needed first: an adult. Then nothing intimate, and no act.
    await page.keyboard.press('7');
    await eventually(verdict).toContain('needs: intimate state');
    await page.keyboard.press('i');
    await page.keyboard.press('1');
    await eventually(verdict).toContain('needs: act');
    await page.keyboard.press('t');
    await page.keyboard.press('1');
    await eventually(verdict).toContain('Lawful: adult');
    expect(await verdict()).toContain('An adult, nothing intimate');
  });

  it('decides with Enter and goes on to the next stack, covered', async () => {
    const { page } = window;
    const [first] = await queue();
    await page.keyboard.press('Enter');
    await stack(2, PICTURES);
    expect(await said()).toBe(`${items(first!.items)} decided: Lawful: adult.`);
    expect(await pictures(page).count()).toBe(0);
    const facts = { ageBand: 'adult', intimateState: 'none', act: 'none' };
    decided.push({ stackId: first!.stackId, category: 'uk.lawful.adult', facts });
  });

  it('decides once for a key that is leant on', async () => {
    const { page } = window;
    const [next] = await queue();
    await page.keyboard.press('r');
    await page.keyboard.press('2');
    await eventually(verdict).toContain('Not relevant');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await stack(3, PICTURES);
    decided.push(notRelevant(next!.stackId));
    expect(await verdict()).toContain('No category yet');
  });

  it('skips a stack to the end of the queue', async () => {
    const { page } = window;
    const [skipped, following] = await queue();
    await page.keyboard.press('s');
    await eventually(said).toBe('Skipped: it comes again at the end.');
    const after = await queue();
    expect(after[0]!.stackId).toBe(following!.stackId);
    expect(after.at(-1)).toMatchObject({ stackId: skipped!.stackId, skipped: true });
  });

  it('undoes the last act, and the stack comes back as it was', async () => {
    const { page } = window;
    const before = await queue();
    await page.keyboard.press('r');
    await page.keyboard.press('2');
    await eventually(verdict).toContain('Not relevant');
    await page.keyboard.press('Enter');
    await eventually(async () => (await queue()).length).toBe(before.length - 1);
    await eventually(said).toContain('decided: Not relevant.');
    await page.keyboard.press('z');
    await eventually(async () => (await queue()).length).toBe(before.length);
    expect((await queue())[0]!.stackId).toBe(before[0]!.stackId);
    await eventually(said).toMatch(/undone|taken back/i);
    await eventually(verdict).toContain('Not relevant');
    expect(await pictures(page).count()).toBe(0);
  });

  it('reaches the end of the queue and says what the case cost in looks', async () => {
    const { page } = window;
    for (let left = (await queue()).length; left > 0; left--) {
      const [next] = await queue();
      await page
        .getByRole('region', { name: new RegExp(`^Stack ${PICTURES - left + 1} of`) })
        .waitFor();
      await look();
      await release(page);
      await page.keyboard.press('r');
      await page.keyboard.press('2');
      await eventually(verdict).toContain('Not relevant');
      await page.keyboard.press('Enter');
      decided.push(notRelevant(next!.stackId));
      await eventually(async () => (await queue()).length).toBe(left - 1);
    }
    await page.getByRole('heading', { name: 'Every stack is decided' }).waitFor();
    expect(await words(page.getByRole('main'))).toContain(
      `${PICTURES} stacks, 0.17 looks per distinct picture, 1 decided without any look.`,
    );
    expect(await pictures(page).count()).toBe(0);
  });

  it('had every look on the record before the picture was served', () => {
    expect(window.pictures).toHaveLength(looks.length);
    // Only where the core runs in this process can it be asked in between.
    if (window.app.workstation)
      expect(recordedAtServing).toEqual(looks.map((_look, index) => index + 1));
  });

  it('left one entry for each look and each decision, and no other', async () => {
    await lock(window);
    const granted = await place.record(['look.granted']);
    expect(granted.map(({ detail }) => shown(detail))).toEqual(looks);
    expect(granted.every(({ by }) => by === 'Ada')).toBe(true);
    const covered = await place.record(['look.covered']);
    expect(covered.map(({ detail }) => shown(detail))).toEqual(looks);

    const undone = await place.record(['decision.undone']);
    expect(undone).toHaveLength(1);
    const all = await place.record(['decision.made', 'decision.undone']);
    const at = all.findIndex(({ type }) => type === 'decision.undone');
    // The one before the undoing was taken back.
    const standing = all.filter((_entry, index) => index !== at && index !== at - 1);
    expect(standing.map(({ detail }) => asDecided(detail))).toEqual(decided);
    expect(await place.record(['stack.skipped'])).toHaveLength(1);
  });

  const notRelevant = (stackId: number) => ({
    stackId,
    category: 'uk.notRelevant',
    facts: { relevant: 'no' },
  });
});

const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);

function shown(detail: unknown): Seen {
  const { itemId, rung } = detail as { itemId: number; rung: 1 | 2 | 3 | 4 };
  return { itemId, rung: RUNG_WORDS[rung] };
}

function asDecided(detail: unknown): unknown {
  const { stackId, category, facts } = detail as Record<string, unknown>;
  return { stackId, category, facts };
}
