/**
 * Power cuts. The workspace and this machine's own folder lie on an ext4 disk whose device is a
 * file. At random moments that file is copied while the work goes on: it holds what was handed to
 * the device, and nothing of what is still in the system's memory. The copy is mounted, as after
 * a cut, and opened. What the device had taken counts as kept: a disk that loses its own cache is
 * not imitated.
 *
 * Control: the same work with fsync and fdatasync made to do nothing, by strace, must lose.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { testPorts } from '../support/workspace.ts';
import { seeded, skipped, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild, type Child } from './support/child.ts';
import { mountDisk, newDisk, whyNoDisk, type Disk } from './support/mounts.ts';
import { create, examine, readEverything, type Place } from './support/place.ts';
import { whyNoStrace } from './support/strace.ts';

/** Cuts of one run of the work; then a new disk. */
const CUTS_PER_DISK = 10;
/** The longest wait between two cuts, in changes acknowledged and in milliseconds on top. */
const CHANGES = 10;
const MOMENT_MS = 40;
const CONTROL_CUTS = 3;
const NO_FLUSH = [
  'strace',
  // The work stays our own child, to be stopped and killed.
  '-D',
  '-f',
  '--seccomp-bpf',
  '-o',
  '/dev/null',
  '-e',
  'trace=fsync,fdatasync',
];
const SUPPRESS = [...NO_FLUSH, '-e', 'inject=fsync,fdatasync:retval=0'];

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const scratch = mkdtempSync(
    path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'custos-cut-'),
  );
  const sources = mkdtempSync(path.join(tmpdir(), 'custos-cut-sources-'));
  try {
    const why = whyNoDisk(scratch) ?? whyNoStrace();
    if (why !== null) return skipped('power-cut', why);
    return await cuts({ scratch, sources }, trials, seed);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(sources, { recursive: true, force: true });
  }
}

async function cuts(
  { scratch, sources }: { scratch: string; sources: string },
  trials: number,
  seed: number,
): Promise<RigResult> {
  const seconds = stopwatch();
  const random = seeded(seed);
  const found = tally();
  for (let done = 0; done < trials; done += CUTS_PER_DISK)
    await attackDisk(scratch, Math.min(CUTS_PER_DISK, trials - done), { random, sources }, found);
  const control = tally();
  await attackDisk(scratch, CONTROL_CUTS, { random, sources, under: SUPPRESS }, control);
  return {
    rig: 'power-cut',
    trials,
    acknowledged: found.acknowledged,
    lost: found.lost,
    undetected: found.undetected,
    control: control.lost,
    seconds: seconds(),
    notes: [
      `seed ${String(seed)}; ext4 (ordered, commit=300, noauto_da_alloc) on a loop device, its image copied in the middle of work; a disk's own cache is not imitated`,
      `control: without fsync and fdatasync ${String(control.lost)} of ${String(control.acknowledged)} were lost in ${String(CONTROL_CUTS)} cuts`,
    ],
    findings: found.findings,
  };
}

interface How {
  /** Where the pictures come from: an ordinary folder. */
  sources: string;
  random: () => number;
  under?: readonly string[];
}

async function attackDisk(scratch: string, cuts: number, how: How, found: Tally): Promise<void> {
  const disk = newDisk(scratch, 'disk');
  let child: Child | null = null;
  try {
    const what = {
      dir: path.join(disk.at, 'workspace'),
      machineDir: path.join(disk.at, 'machine'),
      sources: how.sources,
      name: 'cut',
      seed: Math.floor(how.random() * 2 ** 31),
      create: true,
    };
    child = startChild('work', what, how.under ? { under: how.under } : {});
    await child.said('ready');
    child.go();
    for (let cut = 0; cut < cuts; cut += 1) {
      // The first cut of each disk comes while the workspace is being created or first opened.
      if (cut === 1) await child.said('opened');
      if (cut > 0) await child.told(child.acknowledged.length + Math.floor(how.random() * CHANGES));
      await setTimeout(how.random() * MOMENT_MS * (cut === 0 ? 10 : 1));
      if (child.words.some((word) => word.startsWith('failed ')))
        found.miss(`it ended by itself: ${String(child.words.at(-1))} ${child.complaints()}`);
      await cutAndLook(scratch, disk, child, `cut ${String(cut)}`, found);
    }
  } finally {
    child?.kill();
    await child?.over;
    await unmountPatiently(disk);
    rmSync(disk.image);
    rmSync(how.sources, { recursive: true, force: true });
  }
}

async function cutAndLook(
  scratch: string,
  disk: Disk,
  child: Child,
  when: string,
  found: Tally,
): Promise<void> {
  // Only what was acknowledged before the copy began is asked for.
  const acknowledged = [...child.acknowledged];
  const created = child.words.includes('created');
  const image = path.join(scratch, 'copy.img');
  await copyInOneMoment(disk, child, image);
  const copy = mountDisk(image, path.join(scratch, 'copy'));
  const machineDir = path.join(copy.at, 'machine');
  const place: Place = {
    folder: copy.at,
    dir: path.join(copy.at, 'workspace'),
    machineDir,
    ports: testPorts({ machineDir }),
    remove: () => undefined,
  };
  try {
    if (created || existsSync(path.join(place.dir, 'custos.json'))) {
      await examine(place, acknowledged, found, when);
      if (found.lost === 0) await readEverything(place, found, when);
    } else {
      await create(place);
    }
  } finally {
    copy.unmount();
    rmSync(image);
  }
}

/** Stops the work, and copies again where the device took something meanwhile. */
async function copyInOneMoment(disk: Disk, child: Child, image: string): Promise<void> {
  child.kill('SIGSTOP');
  try {
    for (let before = ''; before !== disk.written(); await setTimeout(2)) {
      before = disk.written();
      copyFileSync(disk.image, image);
    }
  } finally {
    child.kill('SIGCONT');
  }
}

/** A process that has just ended may still hold the disk for a moment. */
async function unmountPatiently(disk: Disk): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      disk.unmount();
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await setTimeout(100);
    }
  }
}
