/** Asks for and builds one sealed bundle after the other of a case, until it is ended from outside. */
import path from 'node:path';
import { buildBundle } from '#core/bundle/build.ts';
import { requestBundle } from '#core/bundle/requests.ts';
import { caseFigures } from '#core/review/figures.ts';
import { testPorts } from '../../support/workspace.ts';
import { acknowledging } from '../support/acknowledge.ts';
import { given, say, sayFailed, waitToGo } from '../support/inside.ts';
import { unlock } from '../support/place.ts';

interface Given {
  dir: string;
  machineDir: string;
  /** Where bundles go: `<name>-<n>.tar.age`. */
  out: string;
  name: string;
  caseId: number;
  recipient: string;
}

const want = given<Given>();
const ports = testPorts({ machineDir: want.machineDir });
waitToGo();
const session = await unlock({ ports, dir: want.dir });
const watched = acknowledging(session, say, false);
say('opened');
try {
  for (let nth = 0; ; nth += 1) {
    const { clock } = ports;
    const asked = await requestBundle(
      { session, clock },
      { caseId: want.caseId, edition: 'sealed', recipients: [want.recipient] },
    );
    const file = path.join(want.out, `${want.name}-${String(nth)}.tar.age`);
    say('building');
    await buildBundle({ session: watched, clock, figures: caseFigures }, asked.id, file);
  }
} catch (error) {
  sayFailed('bundle', error);
  process.exit(3);
}
