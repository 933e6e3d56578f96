/** Programs of other people that a test uses where they are installed. */
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';

/** Whether a program can be started; says loudly that its tests are skipped where it cannot. */
export function haveTool(name: string): boolean {
  const found = spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined;
  if (!found) console.warn(`SKIPPED: ${name} is not installed here; what it would check is not.`);
  return found;
}

/** Runs it to its end. `status` is null where it was killed. */
export function runTool(
  name: string,
  args: readonly string[],
  options: SpawnSyncOptions = {},
): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(name, args, options);
  return { status, output: String(stdout) };
}
