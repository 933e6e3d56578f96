/** The demo's plot: three people, one case, every step through the same calls the screens make. */
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { CustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';
import { countWords, durationWords, plural, sizeWords } from '#shared/util/words.ts';
import { createClient, type Client } from '../client.ts';
import { noDialogs, nodePorts } from '../node-ports.ts';
import type { Terminal } from '../terminal.ts';
import { makeCase } from './make-case.ts';
import { reviewCase } from './review.ts';
import { createPhotographer } from './screens.ts';

export interface Plot {
  folder: string;
  pictures: number;
  screens: boolean;
}
export interface Outcome {
  good: boolean;
}

/** The people of the story. The founder reviews and manages; approving is somebody else's. */
const ADA = { name: 'Ada', roles: ['investigator', 'supervisor'] as Role[] };
const LIN = { name: 'Lin', roles: ['legal'] as Role[] };
const SAM = { name: 'Sam', roles: ['supervisor'] as Role[] };

/** Runs the whole story; throws at the first step that fails. */
export async function tellStory(terminal: Terminal, plot: Plot): Promise<Outcome> {
  await checkFolder(plot.folder);
  const say = (text: string): void => {
    if (!terminal.json) process.stdout.write(`${text}\n`);
  };
  const place = (name: string): string => join(plot.folder, name);
  const ports = nodePorts({
    host: 'command-line',
    dialogs: noDialogs,
    machineDir: place('machine'),
  });
  const client = createClient(ports);
  try {
    say(`Custos demo in ${plot.folder}\n`);
    const made = await makeCase(place('seized disk'), plot.pictures);
    const copies = Object.entries(made.copies).map(([kind, count]) => `${count} ${kind}`);
    say(
      `1. A made-up disk: ${made.files} files, ${made.distinct} distinct pictures (landscapes, shapes, posters), copies: ${copies.join(', ')}; ${made.broken} files that are no pictures.`,
    );

    const passwords = await foundWorkspace(client, place('workspace'));
    say(
      `2. A workspace with three members: Ada reviews and manages, Lin is legal, Sam supervises and holds no key to pictures.`,
    );

    await unlock(client, ADA.name, passwords);
    const caseId = (
      await client.call('cases.create', {
        ref: 'DEMO-1',
        title: 'Made-up pictures on a made-up disk',
        service: 'example service',
      })
    ).id;
    const imported = await bringIn(client, terminal, caseId, place('seized disk'));
    const { ledger } = imported;
    say(
      `3. Import in ${durationWords(imported.seconds)}: ${ledger.offered} offered = ${ledger.new} new + ${ledger.duplicate} duplicate + ${ledger.unreadable} unreadable + ${ledger.refused} refused. ${imported.stacks} stacks, ${sizeWords(imported.bytes)}.`,
    );
    for (const failure of imported.failures)
      say(
        `     kept as evidence, not a picture: ${failure.path.split('/').at(-1)}: ${failure.reason}`,
      );

    const camera = plot.screens
      ? await createPhotographer(client.workstation, place('screens'))
      : null;
    await camera?.shoot(['Cases', 'Intake', 'Review'], 'DEMO-1');

    const reviewed = await reviewCase(client, caseId);
    await camera?.shoot(['Gallery'], 'DEMO-1');
    say(
      `4. Ada decides ${plural(reviewed.stacks, 'stack', 'stacks')} (${plural(reviewed.items, 'item', 'items')}) with ${plural(reviewed.looks, 'look', 'looks')}, ${reviewed.colour} of them in colour; one decision is undone and made again, one decided picture is opened again with a reason.`,
    );

    const bundle = await handOver(client, plot, passwords, caseId);
    say(
      `5. Lin asks for a sealed bundle, Sam approves, Lin builds it: ${bundle.items} items, ${sizeWords(bundle.bytes)}, SHA-256 ${bundle.sha256.slice(0, 16)}…`,
    );
    for (const check of bundle.verdict.checks) say(`     ${check.outcome}: ${check.name}`);

    await unlock(client, SAM.name, passwords);
    const record = await client.call('record.verify', {});
    const { case: summary } = await client.call('cases.report', { caseId });
    say(
      `6. Sam verifies the record: ${countWords(record.entries)} entries, ${plural(record.checkpoints, 'signed checkpoint', 'signed checkpoints')}, ${record.good ? 'intact' : 'NOT intact'}.`,
    );
    const figures = summary.figures;
    const star = figures.looksPerDistinctPicture ?? 0;
    say(
      `\nLooks in colour per distinct picture: ${star.toFixed(2)}   (${figures.colourLooks} looks, ${figures.distinctPictures} distinct pictures)`,
    );
    say(
      `Decided without any look: ${figures.decidedWithoutLook} · looked at once: ${figures.decidedWithOneLook} · more than once: ${figures.decidedWithMoreLooks} · again with a reason: ${figures.relooks}`,
    );

    await camera?.shoot(['Record', 'Bundles', 'Settings'], 'DEMO-1');
    if (camera && camera.why === null)
      say(`\nScreens:\n${camera.files.map((file) => `  ${file}`).join('\n')}`);
    else say(`\nNo screens were saved: ${camera?.why ?? 'not asked for'}.`);

    const good = record.good && bundle.verdict.good;
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
          bundle: { file: bundle.file, sha256: bundle.sha256, good: bundle.verdict.good },
          record: { entries: record.entries, good: record.good },
          screens: camera?.files ?? [],
        },
        '',
      );
    return { good };
  } finally {
    await client.close();
  }
}

async function checkFolder(folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CustosError(
      'WORKSPACE_EXISTS',
      `"${folder}" is not empty. Name a new or empty folder for the demo.`,
    );
  await mkdir(folder, { recursive: true });
}

export type Passwords = Record<string, string>;

async function foundWorkspace(client: Client, folder: string): Promise<Passwords> {
  const passwords: Passwords = {};
  for (const { name } of [ADA, LIN, SAM])
    passwords[name] = (await client.call('workspace.suggestPassword', {})).password;
  await client.call('workspace.create', {
    choice: client.keep(folder),
    member: ADA.name,
    password: passwords[ADA.name]!,
    roles: ADA.roles,
  });
  await client.call('workspace.select', { choice: client.keep(folder) });
  await unlock(client, ADA.name, passwords);
  for (const { name, roles } of [LIN, SAM])
    await client.call('members.add', { member: name, password: passwords[name]!, roles });
  return passwords;
}

async function unlock(client: Client, member: string, passwords: Passwords): Promise<void> {
  await client.call('workspace.unlock', { member, password: passwords[member]! });
}

async function bringIn(client: Client, terminal: Terminal, caseId: number, folder: string) {
  const started = await client.call('intake.start', {
    caseId,
    choices: [client.keep(folder)],
    source: 'seized disk',
    exhibit: 'JD/1',
  });
  const job = await client.follow(started.jobId, terminal);
  if (job.state !== 'done')
    throw new CustosError(job.code ?? 'INTERNAL', job.message ?? 'The import did not finish.');
  const done = (await client.call('intake.imports', { caseId })).find(
    (entry) => entry.id === started.importId,
  )!;
  const { failures } = await client.call('intake.failures', { importId: done.id });
  const seconds = (Date.parse(done.endedAt!) - Date.parse(done.startedAt)) / 1000;
  return { ...done, failures, seconds };
}

async function handOver(client: Client, plot: Plot, passwords: Passwords, caseId: number) {
  const identity = await generateIdentity();
  const identityFile = join(plot.folder, 'recipient-key.txt');
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600 });

  await unlock(client, LIN.name, passwords);
  const requested = await client.call('bundles.request', {
    caseId,
    edition: 'sealed',
    recipients: [await identityToRecipient(identity)],
  });
  await unlock(client, SAM.name, passwords);
  await client.call('bundles.approve', { bundleId: requested.id });
  await unlock(client, LIN.name, passwords);
  const file = join(plot.folder, 'DEMO-1.tar.age');
  const { jobId } = await client.call('bundles.build', {
    bundleId: requested.id,
    target: client.keep(file),
  });
  const job = await client.follow(jobId, { ...silent });
  if (job.state !== 'done')
    throw new CustosError(job.code ?? 'INTERNAL', job.message ?? 'The bundle was not built.');
  const built = (await client.call('bundles.list', {})).find((b) => b.id === requested.id)!;
  const verdict = await client.call('bundles.verify', {
    file: client.keep(file),
    identity: client.keep(identityFile),
  });
  return { file, items: built.items, bytes: built.bytes!, sha256: built.sha256!, verdict };
}

const silent: Terminal = {
  json: true,
  answer: () => undefined,
  line: () => undefined,
  progress: () => undefined,
  endProgress: () => undefined,
};
