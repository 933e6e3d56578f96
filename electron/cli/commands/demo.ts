/** `custos demo`: a made-up case from the first file to the verified bundle, told as it happens. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '#shared/domain/errors.ts';
import { typedPath } from '../client.ts';
import { withJson } from '../command.ts';
import type { JsonOption, Run } from '../run.ts';
import { tellStory } from '../demo/story.ts';
import { parseCount } from '../parse.ts';

interface Options extends JsonOption {
  pictures: string;
  screens: boolean;
}

export function addDemoCommand(program: Command, run: Run): void {
  withJson(program.command('demo [dir]'))
    .description('play a made-up case from the first file to the verified bundle; no window needed')
    .option('--pictures <n>', 'distinct pictures to draw', '60')
    .option('--no-screens', 'do not save pictures of the rooms')
    .action(async (dir: string | undefined, options: Options) => {
      const pictures = parseCount(options.pictures, 'pictures');
      const folder =
        dir === undefined ? mkdtempSync(path.join(tmpdir(), 'custos-demo-')) : typedPath(dir);
      const outcome = await tellStory(run, run.terminal(options), {
        folder,
        pictures,
        screens: options.screens,
      });
      if (!outcome.good) run.found(EXIT.wrong);
    });
}
