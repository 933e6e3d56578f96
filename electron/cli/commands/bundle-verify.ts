/** `custos bundle verify`: for whoever receives a bundle; needs no workspace and no password. */
import type { Command } from 'commander';
import { EXIT } from '#shared/domain/errors.ts';
import { verifyBundle } from '#core/bundle/verify.ts';
import { typedPath } from '../client.ts';
import { withJson } from '../command.ts';
import type { JsonOption, Run } from '../run.ts';
import { oneLine } from '../words.ts';

interface Options extends JsonOption {
  identity?: string;
  signers?: string;
}

export function addVerifyCommand(bundle: Command, run: Run): void {
  withJson(bundle.command('verify <file>'))
    .description('check a bundle; needs no workspace')
    .option('--identity <file>', 'your age key file, which opens it')
    .option('--signers <file>', 'keys you trust, as an allowed_signers file of ssh-keygen')
    .action(async (file: string, options: Options) => {
      const { interrupt } = run.around;
      const verdict = await interrupt.orStop(
        verifyBundle({
          file: typedPath(file),
          identityFile: options.identity === undefined ? null : typedPath(options.identity),
          signersFile: options.signers === undefined ? null : typedPath(options.signers),
          signal: interrupt.signal,
        }),
      );
      if (!verdict.good) run.found(EXIT.wrong);
      const about = [
        verdict.caseRef === null ? null : `case ${verdict.caseRef}`,
        verdict.edition === null ? null : `${verdict.edition} edition`,
        verdict.items === null ? null : `${verdict.items} items`,
        verdict.signer === null
          ? null
          : `signed by ${verdict.signer.name} (${verdict.signer.fingerprint}${verdict.signer.known || options.signers === undefined ? '' : ', not among the keys you trust'})`,
      ].filter((part) => part !== null);
      run
        .terminal(options)
        .answer(
          verdict,
          [
            verdict.good ? 'The bundle is good.' : 'The bundle is not good.',
            ...(about.length > 0 ? [oneLine(`  ${about.join(', ')}`)] : []),
            ...verdict.checks.map(({ outcome, name, detail }) =>
              oneLine(`  ${outcome}: ${name}: ${detail}`),
            ),
          ].join('\n'),
        );
    });
}
