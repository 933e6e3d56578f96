/**
 * Where an error came from, for the local log: the frames of its stack.
 * SECURITY: without its message, which may name a file of the user or quote what was being read.
 */
export function framesOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined;
  const said = error.stack.indexOf(error.message);
  const after = said < 0 ? error.stack : error.stack.slice(said + error.message.length);
  const frames = after.split('\n').filter((line) => /^ {4}at \S/.test(line));
  return frames.length > 0 ? frames.join('\n') : undefined;
}
