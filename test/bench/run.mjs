// Plain JavaScript so that an unsuitable Node gets a sentence. `npm run bench [-- NAME…] [-- --json]`
import { ensureRuntime } from '../../electron/cli/guard.mjs';

ensureRuntime();
const { runBenches } = await import('./run.ts');
process.exitCode = await runBenches(process.argv.slice(2));
