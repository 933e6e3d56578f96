/** The demo's plot: three people, one case, every step through the same calls the screens make. */
import { chmodSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { countWords, durationWords, plural, sizeWords } from '#shared/util/words.ts';
import { makeFolder } from '#core/store/files.ts';
import { createClient, type Client } from '../client.ts';
import type { Run } from '../run.ts';
import type { Progress, Terminal } from '../terminal.ts';
import { visible } from '../words.ts';
import { handOver } from './hand-over.ts';
import { makeCase } from './make-case.ts';
import { foundWorkspace } from './people.ts';
import { reviewCase } from './review.ts';
import { createPhotographer, type Photographer } from './screens.ts';

export interface Plot {
  folder: string;
  pictures: number;
  screens: boolean;
}
export interface Outcome {
  good: boolean;
}

const CASE = 'DEMO-1';

/** Runs the whole story; throws at the first step that fails. */
export async function tellStory(run: Run, terminal: Terminal, plot: Plot): Promise<Outcome> {
  prepareFolder(plot.folder);
  const { stdout, interrupt } = run.around;
  const say = (text: string): void => {
    if (!terminal.json) stdout.write(`${visible(text)}\n`);
  };
  const place = (name: string): string => path.join(plot.folder, name);
  const client = createClient(run.around.ports(place('machine')), interrupt);
  try {
    say(
      `A made-up case, from the first file to the verified bundle. Everything is in ${plot.folder}\n`,
    );
    const made = await interrupt.orStop(makeCase(place('seized disk'), plot.pictures));
    const copies = Object.entries(made.copies).map(([kind, count]) => `${count} ${kind}`);
    say(
      `1. A made-up disk: ${countWords(made.files)} files. ${countWords(made.distinct)} distinct pictures (landscapes, shapes, posters), copies of them (${copies.join(', ')}), and ${made.broken} files that cannot be read as pictures.`,
    );

    const team = await foundWorkspace(client, place('workspace'), place('passwords'));
    say(
      '2. A workspace with three members: Ada reviews and manages, Lin is legal, Sam supervises and holds no key to pictures.',
    );

    await team.unlock('Ada');
    const { id: caseId } = await client.call('cases.create', {
      ref: CASE,
      title: 'Made-up pictures on a made-up disk',
      service: 'example service',
    });
    const imported = await bringIn(client, terminal, caseId, place('seized disk'));
    const { ledger } = imported;
    say(
      `3. Ada imports the disk in ${durationWords(imported.seconds)}: ${ledger.offered} offered = ${ledger.new} new + ${ledger.duplicate} duplicate + ${ledger.unreadable} unreadable + ${ledger.refused} refused; ${sizeWords(imported.bytes)}, ${plural(imported.stacks, 'stack', 'stacks')} of near-duplicates.`,
    );
    for (const failure of imported.failures)
      say(
        `     kept as evidence, not readable: ${failure.path.split('/').at(-1)}: ${failure.reason}`,
      );
    const apart = imported.stacks - made.distinct;
    if (apart > 0)
      say(
        `     ${plural(apart, 'copy differs', 'copies differ')} too much to be joined to its picture by itself and is decided on its own.`,
      );

    const camera = plot.screens
      ? await createPhotographer(client.workstation, place('screens'))
      : null;
    await interrupt.orStop(shoot(camera, ['Cases', 'Intake', 'Review']));

    const reviewed = await reviewCase(client, caseId);
    await interrupt.orStop(shoot(camera, ['Gallery']));
    say(
      `4. Ada decides ${plural(reviewed.stacks, 'stack', 'stacks')} (${plural(reviewed.items, 'item', 'items')}) with ${plural(reviewed.looks, 'look', 'looks')}, ${reviewed.colour} of them in colour. One decision is undone and made again; one decided picture is opened again with a reason.`,
    );

    const bundle = await handOver(client, team, caseId, plot.folder);
    say(
      `5. Lin asks for a sealed bundle, Sam approves it, Lin builds it: ${plural(bundle.items, 'item', 'items')}, ${sizeWords(bundle.bytes)}, SHA-256 ${bundle.sha256}`,
    );
    const { good: isGood, checks } = bundle.verdict;
    say(
      `     Opened with the recipient's key and checked: ${isGood ? 'good' : 'not good'} (${checks.map(({ name, outcome }) => (outcome === 'good' ? name : `${name}: ${outcome}`)).join(', ')}).`,
    );

    await team.unlock('Sam');
    const record = await client.call('record.verify', {});
    const { case: summary } = await client.call('cases.report', { caseId });
    say(
      `6. Sam verifies the record: ${countWords(record.entries)} entries, ${plural(record.checkpoints, 'signed checkpoint', 'signed checkpoints')}, ${record.good ? 'intact' : 'not intact'}.`,
    );
    const { figures } = summary;
    const star = figures.looksPerDistinctPicture ?? 0;
    say(
      `\nLooks in colour per distinct picture: ${star.toFixed(2)}   (${plural(figures.colourLooks, 'look', 'looks')}, ${plural(figures.distinctPictures, 'stack', 'stacks')})`,
    );
    say(
      `Decided without any look: ${figures.decidedWithoutLook} · looked at once: ${figures.decidedWithOneLook} · more than once: ${figures.decidedWithMoreLooks} · again with a reason: ${figures.relooks}`,
    );

    await interrupt.orStop(shoot(camera, ['Record', 'Bundles', 'Settings']));
    const screens = camera?.files ?? [];
    const why = camera === null ? 'none were asked for' : camera.why;
    if (screens.length > 0)
      say(`\nPictures of the rooms:\n${screens.map((file) => `  ${file}`).join('\n')}`);
    if (why !== null)
      say(`\nNo${screens.length > 0 ? ' more' : ''} pictures of the rooms: ${why}.`);
    say(
      `\nTo go on by hand, for instance:\n  npm run --silent custos -- report "${place('workspace')}" --case ${CASE} --as Ada --password-file "${team.passwordFile('Ada')}"`,
    );

    const good = record.good && isGood;
    if (terminal.json)
      terminal.answer(
        {
          good,
          folder: plot.folder,
          made,
          ledger,
          stacks: imported.stacks,
          reviewed,
          figures,
          bundle: { file: bundle.file, sha256: bundle.sha256, good: isGood },
          record: { entries: record.entries, good: record.good },
          screens,
          ...(why === null ? {} : { noScreens: why }),
        },
        '',
      );
    return { good };
  } finally {
    await client.close();
  }
}

/** SECURITY: the folder holds passwords and a key, even if only to made-up pictures. */
function prepareFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || readdirSync(folder).length > 0)) throw notEmpty(folder);
  makeFolder(folder);
  chmodSync(folder, 0o700);
}

function notEmpty(folder: string): CustosError {
  return new CustosError(
    'WORKSPACE_EXISTS',
    `There is something at "${folder}" already. Name a new or empty folder for the demo.`,
  );
}

async function bringIn(client: Client, progress: Progress, caseId: number, folder: string) {
  const started = await client.call('intake.start', {
    caseId,
    choices: [client.keep(folder)],
    source: 'seized disk',
    exhibit: 'JD/1',
  });
  const job = await client.follow(started.jobId, progress);
  if (job.state !== 'done')
    throw new CustosError(job.code ?? 'CANCELLED', job.message ?? 'The import did not finish.');
  const done = (await client.call('intake.imports', { caseId })).find(
    (entry) => entry.id === started.importId,
  )!;
  const { failures } = await client.call('intake.failures', { importId: done.id });
  const seconds = (Date.parse(done.endedAt!) - Date.parse(done.startedAt)) / 1000;
  return { ...done, failures, seconds };
}

async function shoot(camera: Photographer | null, rooms: readonly string[]): Promise<void> {
  await camera?.shoot(rooms, CASE);
}
