// Plain JavaScript so that an unsuitable Node gets a sentence. See run.ts for what it takes.
import { ensureRuntime } from '../../electron/cli/guard.mjs';

ensureRuntime();
const { runRigs } = await import('./run.ts');
process.exitCode = await runRigs(process.argv.slice(2));
