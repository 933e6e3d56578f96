/**
 * Kill -9 at random moments of building a bundle. What bears a bundle's name is whole and was
 * announced on the record; what does not is named `.partial`; neither shows a byte of a picture.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { verifySource } from '#core/bundle/verify.ts';
import { seeded, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild, type Child } from './support/child.ts';
import {
  create,
  examine,
  filesWith,
  newPlace,
  readEverything,
  unlock,
  type Place,
} from './support/place.ts';
import { decideAll, importFolder, makeCase, MARK, writeSources } from './support/work.ts';

const PER_WORKSPACE = 50;
const PICTURES = 40;
/** Kills are spread over this much of the time that one whole building takes here. */
const SPAN = 1.6;

interface Target {
  place: Place;
  caseId: number;
  out: string;
  identity: string;
  recipient: string;
}

interface Counted {
  partial: number;
  /** Of those, how many are not whole: what a program that wrote under the name would leave. */
  broken: number;
  whole: number;
}

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  const counted = { partial: 0, broken: 0, whole: 0 };
  const random = seeded(seed);
  for (let done = 0; done < trials; done += PER_WORKSPACE) {
    const target = await makeTarget(random);
    try {
      await attackOne(target, Math.min(PER_WORKSPACE, trials - done), random, found, counted);
    } finally {
      target.place.remove();
    }
  }
  return {
    rig: 'kill-bundle',
    trials,
    acknowledged: found.acknowledged,
    lost: found.lost,
    undetected: found.undetected,
    control: counted.broken,
    seconds: seconds(),
    notes: [
      `seed ${String(seed)}; ${String(counted.partial)} unfinished files left behind, ${String(counted.whole)} finished bundles, each verified`,
      `control: a program that writes under the bundle's own name would have left ${String(counted.broken)} broken ones`,
    ],
    findings: found.findings,
  };
}

async function makeTarget(random: () => number): Promise<Target> {
  const place = newPlace();
  await create(place);
  const session = await unlock(place);
  const caseId = makeCase(session, place.ports);
  const names = { prefix: 'bundled', count: PICTURES };
  const sources = path.join(place.folder, 'sources');
  const folder = writeSources(sources, names, random);
  await importFolder(session, place.ports, { caseId, folder });
  decideAll(session, caseId);
  session.close('command');
  if (filesWith(MARK, sources).length === 0) throw new Error('the search for plaintext is blind');
  rmSync(sources, { recursive: true });
  const out = path.join(place.folder, 'out');
  mkdirSync(out);
  const identity = await generateX25519Identity();
  return { place, caseId, out, identity, recipient: await identityToRecipient(identity) };
}

async function attackOne(
  target: Target,
  kills: number,
  random: () => number,
  found: Tally,
  counted: Counted,
): Promise<void> {
  const { place, caseId, out, recipient } = target;
  const { dir, machineDir } = place;
  const start = (nth: number): Child => {
    const name = `b${String(nth)}`;
    return startChild('bundle', { dir, machineDir, out, name, caseId, recipient });
  };
  const span = SPAN * (await timeOfBuilding(start(-1), found));
  for (const name of readdirSync(out)) rmSync(path.join(out, name));
  let next = start(0);
  for (let nth = 0; nth < kills; nth += 1) {
    const child = next;
    await child.said('ready');
    // A quarter of the time after the other, so that a few kills meet all of it.
    const delay = (span * (((nth + 1) % 4) + random())) / 4;
    child.go();
    await child.said('building');
    await setTimeout(delay);
    child.kill();
    const { signal } = await child.over;
    if (nth + 1 < kills) next = start(nth + 1);
    const when = `kill ${String(nth)} after ${delay.toFixed(0)} ms`;
    if (signal !== 'SIGKILL')
      found.miss(`${when}: it had ended by itself: ${child.words.at(-1)} ${child.complaints()}`);
    await examine(place, child.acknowledged, found, when);
    await examineOut(target, `b${String(nth)}-`, child.acknowledged, found, counted, when);
  }
  await readEverything(place, found, 'after all kills');
  for (const file of filesWith(MARK, place.folder)) found.miss(`plaintext in ${file}`);
}

/** Milliseconds from the first bundle's end to the second's. */
async function timeOfBuilding(child: Child, found: Tally): Promise<number> {
  child.go();
  await child.told(1);
  const began = performance.now();
  await child.told(2);
  child.kill();
  await child.over;
  if (child.acknowledged.length < 2) found.miss(`no bundle was built: ${child.words.at(-1)}`);
  return performance.now() - began;
}

async function examineOut(
  { out, identity }: Target,
  prefix: string,
  acknowledged: Child['acknowledged'],
  found: Tally,
  counted: Counted,
  when: string,
): Promise<void> {
  const here = new Set<string>();
  for (const name of readdirSync(out)) {
    const file = path.join(out, name);
    const bytes = readFileSync(file);
    if (bytes.includes(MARK)) found.miss(`${when}: plaintext in ${name}`);
    if (!name.startsWith(prefix)) found.miss(`${when}: a stray file ${name}`);
    const { good } = await verifySource(file, 'encrypted', [identity], null, {});
    if (name.endsWith('.tar.age')) {
      counted.whole += 1;
      here.add(createHash('sha256').update(bytes).digest('hex'));
      if (!good) found.miss(`${when}: an unfinished file bears the bundle's name: ${name}`);
    } else {
      counted.partial += 1;
      if (!good) counted.broken += 1;
      if (!name.endsWith('.partial')) found.miss(`${when}: an unfinished file named ${name}`);
    }
    rmSync(file);
  }
  for (const { bundle } of acknowledged)
    if (bundle && !here.has(bundle.sha256))
      found.lose(`${when}: the file of an acknowledged bundle is gone`);
}
