/** Programs of other people that a test uses where they are installed. */
import { spawnSync } from 'node:child_process';

/** Whether a program can be started; says loudly that its tests are skipped where it cannot. */
export function haveTool(name: string): boolean {
  const found = spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined;
  if (!found) console.warn(`SKIPPED: ${name} is not installed here; what it would check is not.`);
  return found;
}
