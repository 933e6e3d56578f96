/** The command line: parses, runs one command, turns what went wrong into a sentence and a code. */
import { Command, CommanderError } from 'commander';
import { ERROR_EXITS, EXIT, isCustosError, type ExitCode } from '#shared/domain/errors.ts';
import { addBundleCommands } from './commands/bundle.ts';
import { addCaseCommands } from './commands/case.ts';
import { addDecideCommand } from './commands/decide.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addImportCommand } from './commands/import.ts';
import { addItemsCommand } from './commands/items.ts';
import { addMemberCommands } from './commands/member.ts';
import { addRecordCommands } from './commands/record.ts';
import { addReportCommand } from './commands/report.ts';
import { addInitCommand } from './commands/init.ts';
import { VERSION } from '#shared/version.ts';

export async function main(args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  // Whoever reads our output may stop early (`custos items … | head`). That is no failure: the
  // command goes on without output, so that the workspace is closed as it should be.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const program = new Command('custos')
    .description('Review image evidence with as few looks as possible, every one on the record.')
    .version(VERSION)
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride();
  // A command reports "a check found something wrong" by setting this; errors are thrown.
  const found = (code: ExitCode): void => {
    exit = code;
  };
  addInitCommand(program);
  addMemberCommands(program);
  addCaseCommands(program);
  addImportCommand(program);
  addItemsCommand(program);
  addDecideCommand(program);
  addReportCommand(program);
  addBundleCommands(program, found);
  addRecordCommands(program, found);
  addDemoCommand(program, found);

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    return explain(error, args.includes('--json'));
  }
}

function explain(error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isCustosError(error)) {
    if (json) process.stdout.write(`${JSON.stringify({ error: error.toData() })}\n`);
    process.stderr.write(`${error.message}\n`);
    return ERROR_EXITS[error.code];
  }
  // Ours to mend: the stack helps whoever mends it and holds no evidence.
  process.stderr.write(`Something went wrong inside Custos.\n${String((error as Error).stack)}\n`);
  return EXIT.io;
}
