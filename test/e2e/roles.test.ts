/** Who may enter what; and what a page that asks for more anyway is told, and leaves on the record. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CONTRACT, type ChannelName, type Input } from '#shared/contract/contract.ts';
import type { Role } from '#shared/domain/words.ts';
import { onEveryHost } from './support/hosts.ts';
import { smallPictures } from './support/pictures.ts';
import { caseWith, foundedPlace, passwordOf, PEOPLE, type Place } from './support/place.ts';
import { as, enter, lock, openAs, rooms, unlock, words, type Window } from './support/window.ts';

const CHANNELS = Object.keys(CONTRACT) as ChannelName[];

/** Channels that none of these roles may call. */
function forbiddenTo(roles: readonly Role[]): ChannelName[] {
  return CHANNELS.filter((name) => {
    const { allow } = CONTRACT[name] as { allow: 'anyone' | 'member' | readonly Role[] };
    return typeof allow !== 'string' && !roles.some((role) => allow.includes(role));
  });
}

onEveryHost('roles', (open) => {
  let place: Place;
  let window: Window;

  beforeAll(async () => {
    place = await foundedPlace('roles', async (client, { path }) => {
      await smallPictures(path('files'), 2);
      await caseWith(client, path('files'));
    });
    window = await openAs(open, place, 'Ada');
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  it('a supervisor adds a member, at the keyboard', async () => {
    const { page } = window;
    await enter(page, 'Settings');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Add a member' });
    await dialog.getByLabel('Name').fill('Ines');
    await dialog.getByLabel('Password', { exact: true }).fill(passwordOf('Ines'));
    await dialog.getByLabel('Password again').fill(passwordOf('Ines'));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row').filter({ hasText: 'Ines' });
    await row.waitFor();
    expect(await words(row)).toMatch(/^Ines investigator Active/);
  });

  it.each([
    ['Ines', ['Cases', 'Intake', 'Review', 'Gallery', 'Bundles', 'Settings']],
    ['Lin', ['Cases', 'Gallery', 'Bundles', 'Settings']],
    ['Sam', ['Cases', 'Bundles', 'Record', 'Settings']],
  ] as const)('%s sees the rooms of the role and no other', async (person, expected) => {
    await as(window, person);
    expect(await rooms(window.page)).toEqual(expected);
    // A key for a room that is not on the rail leads nowhere.
    await window.page.keyboard.press(`Alt+Digit${expected.length + 1}`);
    expect(await window.page.getByRole('main', { name: 'Cases' }).count()).toBe(1);
  });

  it.each(['Ines', 'Lin', 'Sam'] as const)(
    'a page that asks for more than %s may have is refused, and that is on the record',
    async (person) => {
      await as(window, person);
      const forbidden = forbiddenTo(PEOPLE[person]);
      expect(forbidden.length).toBeGreaterThan(1);
      for (const channel of forbidden) {
        const answer = await window.call(channel, askOf(channel) as never);
        expect({ channel, answer }).toMatchObject({
          channel,
          answer: { ok: false, error: { code: 'NOT_ALLOWED' } },
        });
      }
      await lock(window);
      const refused = (await place.record(['call.refused'])).filter(({ by }) => by === person);
      expect(refused.map(({ detail }) => detail)).toEqual(
        forbidden.map((channel) => ({ channel, code: 'NOT_ALLOWED' })),
      );
      await unlock(window, person);
    },
  );

  it('a supervisor gets no picture by asking for one outright, an investigator does', async () => {
    const look: Input<'look.request'> = { itemId: 1, rung: 1, purpose: 'decide' };
    await as(window, 'Sam');
    expect(await window.call('look.request', look)).toMatchObject({
      error: { code: 'NOT_ALLOWED' },
    });
    // Not refused for any other reason than the role: the same words from Ada are granted.
    await as(window, 'Ada');
    expect(await window.call('look.request', look)).toMatchObject({ ok: true });
  });
});

/** The most honest-looking question; the role is checked before it is even read. */
function askOf(channel: ChannelName): unknown {
  switch (channel) {
    case 'look.request':
      return { itemId: 1, rung: 1, purpose: 'decide' };
    case 'gallery.page':
      return { caseId: 1, filter: {}, offset: 0, limit: 10 };
    default:
      return {};
  }
}
