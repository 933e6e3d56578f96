/** The command line: parses, runs one command, turns what went wrong into a sentence and a code. */
import { randomBytes } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import { ERROR_EXITS, EXIT, type ErrorData, type ExitCode } from '#shared/domain/errors.ts';
import { VERSION } from '#shared/version.ts';
import { framesOf } from '#shared/util/frames.ts';
import { asCustosError } from '#core/store/errors.ts';
import { createRun, type Run } from './run.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addBundleCommands } from './commands/bundle.ts';
import { addCaseCommands } from './commands/case.ts';
import { addDecideCommand } from './commands/decide.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addImportCommand } from './commands/import.ts';
import { addInitCommand } from './commands/init.ts';
import { addItemsCommand } from './commands/items.ts';
import { addKeysCommands } from './commands/keys.ts';
import { addMemberCommands } from './commands/member.ts';
import { addRecordCommands } from './commands/record.ts';
import { addRecoveryCommands } from './commands/recovery.ts';
import { addReportCommand } from './commands/report.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addScrubCommand } from './commands/scrub.ts';
import { HELP_FOOTER } from './help.ts';
import { processSurroundings, type Surroundings } from './surroundings.ts';

/** `around`: the process itself; a test hands in its own. Never throws. */
export async function main(
  args: readonly string[],
  around: Surroundings = processSurroundings(),
): Promise<ExitCode> {
  let found: ExitCode = EXIT.done;
  // A command reports "a check found something wrong" by setting this; errors are thrown.
  const run = createRun(around, (code) => {
    found = code;
  });
  let exit: ExitCode;
  try {
    await createProgram(run).parseAsync([...args], { from: 'user' });
    exit = found;
  } catch (error) {
    exit = explain(run, error, wantsJson(args));
  }
  exit = (await around.outputFailed()) ?? exit;
  around.leave(exit);
  return exit;
}

function createProgram(run: Run): Command {
  const program = new Command('custos')
    .description('Review image evidence with as few looks as possible, every one on the record.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', HELP_FOOTER)
    // A command's options stand after it; `backup` and `backup verify` have some of the same name.
    .enablePositionalOptions()
    .showHelpAfterError('Run it with --help to see what is possible.')
    .configureOutput({
      writeOut: (text) => run.around.stdout.write(text),
      writeErr: (text) => run.around.stderr.write(text),
      getOutHelpWidth: () => run.around.stdout.columns ?? 100,
      getErrHelpWidth: () => run.around.stderr.columns ?? 100,
    })
    .exitOverride();
  addInitCommand(program, run);
  addMemberCommands(program, run);
  addRecoveryCommands(program, run);
  addKeysCommands(program, run);
  addCaseCommands(program, run);
  addImportCommand(program, run);
  addItemsCommand(program, run);
  addDecideCommand(program, run);
  addReportCommand(program, run);
  addBundleCommands(program, run);
  addRecordCommands(program, run);
  addScrubCommand(program, run);
  addBackupCommands(program, run);
  addRestoreCommand(program, run);
  addDemoCommand(program, run);
  return program;
}

/** Before anything is parsed, so that a mistake in the rest is told as JSON, too. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function explain(run: Run, error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has said on stderr what was wrong; the help that was asked for is no mistake.
    if (error.exitCode === 0) return EXIT.done;
    const message = error.message.replace(/^error: /, '');
    if (json) answerError(run, { code: 'USAGE', message });
    return EXIT.usage;
  }
  const known = asCustosError(error, 'working on this command');
  const data = known.code === 'INTERNAL' ? unforeseen(run, known) : known.toData();
  if (json) answerError(run, data);
  run.tell(data.message);
  return ERROR_EXITS[data.code];
}

function answerError(run: Run, error: ErrorData): void {
  try {
    run.terminal({ json: true }).answer({ error }, '');
  } catch {
    // Where the output cannot be written to, the sentence on stderr and the exit code remain.
  }
}

/** Ours to mend. SECURITY: frames only; a message may name a file or quote an input. */
function unforeseen(run: Run, error: Error & { cause?: unknown }): ErrorData {
  const incident = randomBytes(4).toString('hex');
  const stack = framesOf(error.cause ?? error);
  run.around.ports().log({
    level: 'error',
    text: 'a command failed',
    incident,
    ...(stack === undefined ? {} : { stack }),
  });
  const message = `Something went wrong inside Custos (incident ${incident}). The local log has the details.`;
  return { code: 'INTERNAL', message, incident };
}
