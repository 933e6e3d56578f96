/** `custos demo`: a made-up case from the first file to the verified bundle, told as it happens. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '#shared/domain/errors.ts';
import { withJson } from '../command.ts';
import { tellStory } from '../demo/story.ts';
import { createTerminal } from '../terminal.ts';

interface Options {
  pictures: string;
  screens: boolean;
  json?: boolean;
}

export function addDemoCommand(program: Command, found: (code: ExitCode) => void): void {
  withJson(program.command('demo [dir]'))
    .description('a made-up case, end to end, no window needed')
    .option('--pictures <n>', 'distinct pictures to draw', '60')
    .option('--no-screens', 'do not save screenshots of the rooms')
    .action(async (dir: string | undefined, options: Options) => {
      const folder = dir === undefined ? mkdtempSync(join(tmpdir(), 'custos-demo-')) : resolve(dir);
      const outcome = await tellStory(createTerminal(options.json ?? false), {
        folder,
        pictures: Number(options.pictures),
        screens: options.screens,
      });
      if (!outcome.good) found(EXIT.wrong);
    });
}
