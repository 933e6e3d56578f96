/** `custos member add|list`. */
import type { Command } from 'commander';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import { parseRoles } from '../parse.ts';
import { readPassword } from '../terminal.ts';
import { table } from '../words.ts';

interface AddOptions extends CommonOptions {
  member: string;
  roles: string;
  newPasswordFile?: string;
}

export function addMemberCommands(program: Command): void {
  const member = program.command('member').description('members of a workspace');

  withWorkspaceOptions(member.command('add <workspace>'))
    .description('add a member (supervisor)')
    .requiredOption('--member <name>', 'name of the new member')
    .requiredOption('--roles <roles>', 'comma-separated: investigator, legal, supervisor')
    .option('--new-password-file <file>', "read the new member's password from this file")
    .action((workspace: string, options: AddOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const roles = parseRoles(options.roles);
        const password = await readPassword(
          options.newPasswordFile,
          `New password for ${options.member}`,
        );
        const added = await client.call('members.add', { member: options.member, password, roles });
        const waiting =
          added.state === 'waiting'
            ? ' The key to pictures is granted as soon as a member who holds it unlocks.'
            : '';
        terminal.answer(added, `${added.name} was added (${added.roles.join(', ')}).${waiting}`);
      }),
    );

  withWorkspaceOptions(member.command('list <workspace>'))
    .description('list the members')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const members = await client.call('members.list', {});
        if (terminal.json) for (const entry of members) terminal.line(entry, '');
        else
          terminal.answer(
            members,
            table(members.map((m) => [m.name, m.roles.join(', '), m.state, m.fingerprint])),
          );
      }),
    );
}
