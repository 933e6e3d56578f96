/** `custos member add|list|password|revoke`. */
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import type { Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseLabel, parseRoles } from '../parse.ts';
import { readNewPassword, readPassword } from '../secrets.ts';
import { oneLine, table } from '../words.ts';
import { followRotation, inWords } from './keys.ts';

interface AddOptions extends CommonOptions {
  member: string;
  roles: string;
  newPasswordFile?: string;
}

interface PasswordOptions extends CommonOptions {
  newPasswordFile?: string;
}

interface RevokeOptions extends CommonOptions {
  member: string;
}

export function addMemberCommands(program: Command, run: Run): void {
  const group = program.command('member').description('the members of a workspace');

  withWorkspaceOptions(group.command('add <workspace>'))
    .description('add a member (supervisors)')
    .requiredOption('--member <name>', 'name of the new member')
    .requiredOption('--roles <roles>', 'with commas between: investigator, legal, supervisor')
    .option('--new-password-file <file>', "take the new member's password from this file")
    .action(async (workspace: string, options: AddOptions) => {
      const roles = parseRoles(options.roles);
      const member = parseLabel(options.member, "A member's name", 200);
      const ask = (): Promise<string> =>
        readNewPassword(
          options.newPasswordFile,
          { member, option: '--new-password-file' },
          run.asking,
        );
      await inWorkspace(
        run,
        workspace,
        options,
        async (client, terminal, password) => {
          const added = await client.call('members.add', { member, password, roles });
          const waiting =
            added.state === 'waiting'
              ? ' The key to pictures is granted as soon as a member who holds it unlocks.'
              : '';
          terminal.answer(
            added,
            `${oneLine(added.name)} was added (${added.roles.join(', ')}).${waiting}`,
          );
        },
        ask,
      );
    });

  withWorkspaceOptions(group.command('list <workspace>'))
    .description('list the members')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const members = await client.call('members.list', {});
        if (terminal.json) for (const entry of members) terminal.line(entry, '');
        else
          terminal.answer(
            members,
            table([
              ['name', 'roles', 'state', 'fingerprint of the signing key'],
              ...members.map((m) => [m.name, m.roles.join(', '), m.state, m.fingerprint]),
            ]),
          );
      }),
    );

  withWorkspaceOptions(group.command('password <workspace>'))
    .description('change your own password')
    .option('--new-password-file <file>', 'take the new password from this file')
    .action((workspace: string, options: PasswordOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const old = await readPassword(
          options.passwordFile,
          'The password you have, once more',
          run.asking,
        );
        const member = options.as ?? 'yourself';
        const next = await readNewPassword(
          options.newPasswordFile,
          { member, option: '--new-password-file' },
          run.asking,
        );
        await client.call('members.changePassword', { old, new: next });
        terminal.answer({ changed: true }, 'Your password was changed.');
      }),
    );

  withWorkspaceOptions(group.command('revoke <workspace>'))
    .description('end a membership and change every key (supervisors)')
    .requiredOption('--member <name>', 'name of the member')
    .action((workspace: string, options: RevokeOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const id = await memberId(client, options.member);
        const { jobId } = await client.call('members.revoke', { member: id });
        run.tell(`${oneLine(options.member)} is no member any more. Every key is changed now.`);
        const rotated =
          jobId === null
            ? { steps: 0, left: (await client.call('workspace.status', {})).rotation }
            : await followRotation(client, terminal, jobId);
        terminal.answer({ revoked: options.member, ...rotated }, inWords(rotated));
      }),
    );
}

/** Throws NOT_FOUND naming who there is. */
async function memberId(client: Client, typed: string): Promise<string> {
  const fold = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
  const members = (await client.call('members.list', {})).filter((m) => m.state !== 'revoked');
  const found = members.find((member) => fold(member.name) === fold(typed));
  if (found) return found.id;
  throw new CustosError(
    'NOT_FOUND',
    `There is no member called "${typed}". Members: ${members.map(({ name }) => name).join(', ')}.`,
  );
}
