/** A small disk of its own: an ext4 image on a loop device. Needs root on Linux. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, ftruncateSync } from 'node:fs';
import path from 'node:path';

/**
 * `commit=300`: no journal commit by the clock, which would save what nobody flushed.
 * `noauto_da_alloc`: a rename does not flush the renamed file by itself.
 */
const OPTIONS = 'loop,commit=300,noauto_da_alloc,nosuid,nodev,noexec';

export interface Disk {
  readonly image: string;
  /** Where it is mounted. */
  readonly at: string;
  /** Writes and flushes that its device has taken so far. */
  written(): string;
  unmount(): void;
}

/** Null where a disk can be mounted here, else why not. */
export function whyNoDisk(scratch: string): string | null {
  if (process.platform !== 'linux') return 'loop devices need Linux';
  if (process.getuid?.() !== 0) return 'mounting a loop device needs root';
  try {
    const disk = newDisk(scratch, 'try');
    disk.unmount();
    rmSync(disk.image);
    return null;
  } catch (error) {
    return `no loop device can be mounted here (${error instanceof Error ? error.message : ''})`;
  }
}

/** A new file system of 192 MB, mounted; the image takes only what is written to it. */
export function newDisk(scratch: string, name: string): Disk {
  const image = path.join(scratch, `${name}.img`);
  const fd = openSync(image, 'w', 0o600);
  ftruncateSync(fd, 192 * 1024 * 1024);
  closeSync(fd);
  must('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'nodiscard', image]);
  return mountDisk(image, path.join(scratch, `${name}-mounted`));
}

export function mountDisk(image: string, at: string): Disk {
  mkdirSync(at, { recursive: true });
  must('mount', ['-t', 'ext4', '-o', OPTIONS, image, at]);
  const device = path.basename(must('findmnt', ['-n', '-o', 'SOURCE', at]).trim());
  return {
    image,
    at,
    written: () => writesOf(readFileSync(`/sys/block/${device}/stat`, 'utf8')),
    unmount() {
      must('umount', [at]);
      rmSync(at, { recursive: true });
    },
  };
}

/** Completed writes, sectors written, requests under way, flushes (kernel's Documentation/block/stat). */
function writesOf(stat: string): string {
  const fields = stat.trim().split(/\s+/);
  return [fields[4], fields[6], fields[8], fields[15]].join(' ');
}

function must(command: string, args: readonly string[]): string {
  const run = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  if (run.error) throw new Error(`${command} is not here`);
  if (run.status !== 0) throw new Error(`${command}: ${run.stderr.trim()}`);
  return run.stdout;
}
