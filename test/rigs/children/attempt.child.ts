/** Tries to unlock, as a second process, and says with what each attempt was answered. */
import { isCustosError } from '#shared/domain/errors.ts';
import { testClock, testPorts } from '../../support/workspace.ts';
import { given, say, waitToGo } from '../support/inside.ts';
import { unlock } from '../support/place.ts';
import { openWorkspace } from '#core/access/open.ts';
import { MEMBER } from '../support/work.ts';

interface Given {
  dir: string;
  machineDir: string;
  attempts: number;
  /** Instead of the right one. */
  password?: string;
  /** The time it is, and stays; the real time where left out. */
  now?: string;
  /** Keeps the workspace open until it is ended. */
  hold?: boolean;
}

const want = given<Given>();
const clock = want.now === undefined ? {} : { clock: testClock(want.now) };
const ports = testPorts({ machineDir: want.machineDir, ...clock });
const place = { ports, dir: want.dir };
waitToGo();
for (let nth = 0; nth < want.attempts; nth += 1) {
  try {
    const session =
      want.password === undefined
        ? await unlock(place)
        : await openWorkspace(ports, want.dir, MEMBER, want.password);
    say('opened');
    if (want.hold) await new Promise(() => setInterval(() => undefined, 1000));
    session.close('command');
  } catch (error) {
    say(`answered ${isCustosError(error) ? error.code : 'INTERNAL'}`);
  }
}
say('done');
