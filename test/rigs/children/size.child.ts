/** Opens a very large workspace in a fresh process, and says what that took, as one line of JSON. */
import { performance } from 'node:perf_hooks';
import { galleryPage } from '#core/review/gallery.ts';
import { testPorts } from '../../support/workspace.ts';
import { given, say, waitToGo } from '../support/inside.ts';
import { unlock, verify } from '../support/place.ts';

export interface SizeReport {
  items: number;
  entries: number;
  openSeconds: number;
  /** Median of several pages of 200 at the start, in the middle and at the end, the slowest. */
  pageMs: number;
  /** Framing, chain, tree and signatures; and with every entry decrypted besides. */
  verifySeconds: number;
  decryptSeconds: number;
  good: boolean;
  /** Seconds of processor time in those of opening, a page (worst place) and the chain. */
  processor: { open: number; page: number; verify: number };
  /** Highest resident memory, in MB: after opening and paging, and after all of it. */
  openMB: number;
  allMB: number;
}

const PAGE = 200;
const PAGES = 9;

const want = given<{ dir: string; machineDir: string; caseId: number }>();
const place = { ...want, ports: testPorts({ machineDir: want.machineDir }) };
waitToGo();
const began = performance.now();
const session = await unlock(place);
const openSeconds = (performance.now() - began) / 1000;
const open = processorSeconds();

const items = session.catalogue.prepare<[], { n: number }>('SELECT count(*) AS n FROM items').get()!
  .n;
const pageMs = Math.max(...[0, items / 2].map((offset) => timeOfPage(offset)));
const beforeLast = processorSeconds();
const lastMs = timeOfPage(items - PAGE);
const page = (processorSeconds() - beforeLast) / PAGES;
const openMB = highest();
const beforeChain = processorSeconds();
const chain = await verify(place, session, { decrypt: false });
const verifying = processorSeconds() - beforeChain;
const all = await verify(place, session, { decrypt: true });
const report: SizeReport = {
  items,
  entries: session.record.size,
  openSeconds,
  pageMs: Math.max(pageMs, lastMs),
  verifySeconds: chain.seconds,
  decryptSeconds: all.seconds,
  good: chain.good && all.good,
  processor: { open, page, verify: verifying },
  openMB,
  allMB: highest(),
};
session.close('command');
say(`report ${JSON.stringify(report)}`);

function timeOfPage(offset: number): number {
  const filter = { states: [], categories: [], text: '' };
  const times = Array.from({ length: PAGES }, () => {
    const start = performance.now();
    galleryPage(session, {
      caseId: want.caseId,
      filter,
      offset: Math.max(0, Math.floor(offset)),
      limit: PAGE,
    });
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(PAGES / 2)] ?? 0;
}

/** Since the process began; loading the program is a part of the first. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function highest(): number {
  return Math.max(process.resourceUsage().maxRSS / 1024, process.memoryUsage.rss() / 1024 / 1024);
}
