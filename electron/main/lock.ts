/** When the workstation locks, and what happens when it has. */
import { powerMonitor } from 'electron';
import type { CoreEvent, Output } from '#shared/contract/contract.ts';
import type { CoreProcess } from './core-process.ts';
import type { Screen } from './screen.ts';

/** The core counts idle minutes; it is told of input at most this often. */
const LOOK_EVERY_MS = 5_000;
/** More crashes than this in a minute, and starting again would only hide something. */
const MOST_CRASHES = 3;

/** Returns what locks and purges at once, whatever is open. */
export function installLock(core: CoreProcess, screen: Screen, giveUp: () => void): () => void {
  watchPower(core);
  watchActivity(core, screen);
  const purge = createPurge(core, screen, giveUp);
  core.onEvent((event) => {
    if (event.type === 'locked' && event.why !== 'closed') purge(event);
    else screen.tell(event);
  });
  const purgeNow = countCrashes(giveUp, () => purge({ type: 'locked', why: 'command' }));
  core.onCrash(purgeNow);
  return purgeNow;
}

function watchPower(core: CoreProcess): void {
  const lock = (): void => void core.lock('suspend');
  powerMonitor.on('suspend', lock);
  powerMonitor.on('lock-screen', lock);
  powerMonitor.on('user-did-resign-active', lock);
  powerMonitor.on('shutdown', () => void core.lock('closed'));
}

/** Input anywhere while our window has the focus counts; what a page says about itself does not. */
function watchActivity(core: CoreProcess, screen: Screen): void {
  setInterval(() => {
    const idle = powerMonitor.getSystemIdleTime() * 1000;
    if (screen.window()?.isFocused() && idle < LOOK_EVERY_MS) core.activity();
  }, LOOK_EVERY_MS).unref();
}

/** SECURITY: lock means purge: the core's process and the renderer both end, one after the other. */
function createPurge(
  core: CoreProcess,
  screen: Screen,
  giveUp: () => void,
): (event: CoreEvent) => void {
  let purging = false;
  return (event) => {
    if (purging) return;
    purging = true;
    screen.tell(event);
    core
      .replace()
      .then(() => selectAgain(core))
      .then(() => screen.purge())
      .catch(giveUp)
      .finally(() => {
        purging = false;
      });
  };
}

/** The fresh core is led to the workspace that was locked, so that the Door asks for its member. */
async function selectAgain(core: CoreProcess): Promise<void> {
  const recent = await core.call('workspace.recent', {});
  if (!recent.ok) return;
  const [last] = recent.value as Output<'workspace.recent'>;
  // Where it has been moved away meanwhile the Door says so when it is chosen again.
  if (last) await core.call('workspace.select', { choice: last.choice });
}

function countCrashes(giveUp: () => void, again: () => void): () => void {
  let times: number[] = [];
  return () => {
    const now = performance.now();
    times = [...times.filter((time) => now - time < 60_000), now];
    if (times.length > MOST_CRASHES) giveUp();
    else again();
  };
}
