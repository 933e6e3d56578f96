/** `custos member add|list`. */
import type { Command } from 'commander';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseLabel, parseRoles } from '../parse.ts';
import { readNewPassword } from '../secrets.ts';
import { oneLine, table } from '../words.ts';

interface AddOptions extends CommonOptions {
  member: string;
  roles: string;
  newPasswordFile?: string;
}

export function addMemberCommands(program: Command, run: Run): void {
  const group = program.command('member').description('add and list the members of a workspace');

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
}
