#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an unsuitable one gets a sentence, not a crash.
import { ensureRuntime } from './guard.mjs';

ensureRuntime();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
