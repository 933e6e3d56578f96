// The start-up guard. Plain JavaScript that any Node from 18 on can read: it has to run exactly
// where the rest would crash. The encrypted database needs Node-API 10 and ends an older Node with
// a segmentation fault instead of an error.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const NODE_API = 10;
/** Set for the second run, so that a wrong pinned Node cannot start itself for ever. */
const SECOND_RUN = 'CUSTOS_SECOND_RUN';

/** True when this Node can run Custos. */
export function isSuitable(versions) {
  return (
    Number.parseInt(versions.node, 10) >= NODE_MAJOR &&
    Number.parseInt(versions.napi ?? '0', 10) >= NODE_API
  );
}

/** The sentence for a Node that cannot. */
export function unsuitableSentence(versions) {
  return (
    `Custos needs Node ${NODE_MAJOR} or newer, and this is Node ${versions.node}. ` +
    'Run "npm ci" in the folder of Custos, which brings a fitting Node along, or install Node ' +
    `${NODE_MAJOR} from your system's own source.`
  );
}

/** The Node that `npm ci` brought along, or null. */
export function pinnedNode(root, platform = process.platform, arch = process.arch) {
  const system = platform === 'win32' ? 'win' : platform;
  const file = platform === 'win32' ? 'node.exe' : 'node';
  const candidates = [
    path.join(root, 'node_modules', `node-${system}-${arch}`, 'bin', file),
    path.join(root, 'node_modules', '.bin', file),
  ];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/**
 * Returns when this Node is suitable. Otherwise runs the same command on the pinned Node and ends
 * this process with its exit code; where there is none, says one sentence and ends with 5.
 */
export function ensureRuntime() {
  if (isSuitable(process.versions)) return;
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const node = process.env[SECOND_RUN] ? null : pinnedNode(root);
  if (node) {
    // The terminal sends Ctrl-C to both; the run inside decides how to end.
    process.on('SIGINT', () => {});
    const run = spawnSync(node, process.argv.slice(1), {
      stdio: 'inherit',
      env: { ...process.env, [SECOND_RUN]: '1' },
    });
    if (!run.error) process.exit(run.status ?? 5);
  }
  process.stderr.write(`${unsuitableSentence(process.versions)}\n`);
  process.exit(5);
}
