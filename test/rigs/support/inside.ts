/** The other end of `child.ts`: what a process under attack says, and when it begins. */
import { readSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { isCustosError } from '#shared/domain/errors.ts';

/** What the process was started with. */
export function given<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** One line, in the pipe when this returns: it is read even if the process ends now. */
export function say(word: string | object): void {
  const line = Buffer.from(`${typeof word === 'string' ? word : JSON.stringify(word)}\n`);
  let at = 0;
  while (at < line.length) at += writeSync(1, line, at);
}

/** Everything is loaded; waits until it is let go. */
export function waitToGo(): void {
  // Kept now, for the processes that follow: this one may never end in good order.
  flushCompileCache();
  say('ready');
  readSync(0, Buffer.alloc(3), 0, 3, null);
}

/** Says how a step failed; `INTERNAL` for whatever is not the product's own error. */
export function sayFailed(step: string, error: unknown): void {
  if (isCustosError(error) && error.code !== 'INTERNAL') say(`failed ${step} ${error.code}`);
  else say(`failed ${step} INTERNAL ${String(error).replaceAll('\n', ' ')}`);
}
