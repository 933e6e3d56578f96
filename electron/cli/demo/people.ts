/** The three people of the demo, and the workspace they share. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Role } from '#shared/domain/words.ts';
import type { Client } from '../client.ts';

export type Person = 'Ada' | 'Lin' | 'Sam';

/** The founder reviews and manages; approving is somebody else's. */
const ROLES: Record<Person, Role[]> = {
  Ada: ['investigator', 'supervisor'],
  Lin: ['legal'],
  Sam: ['supervisor'],
};
const [FOUNDER, ...OTHERS] = Object.keys(ROLES) as [Person, ...Person[]];

export interface Team {
  /** The file that holds a person's password, so that whoever plays can go on by hand. */
  passwordFile(person: Person): string;
  unlock(person: Person): Promise<void>;
}

/** Makes the workspace with all three in it, and leaves it locked. */
export async function foundWorkspace(
  client: Client,
  folder: string,
  passwordFolder: string,
): Promise<Team> {
  const passwords = new Map<Person, string>();
  const passwordFile = (person: Person): string =>
    path.join(passwordFolder, `${person.toLowerCase()}.txt`);
  await mkdir(passwordFolder, { recursive: true, mode: 0o700 });
  for (const person of [FOUNDER, ...OTHERS]) {
    const { password } = await client.call('workspace.suggestPassword', {});
    passwords.set(person, password);
    await writeFile(passwordFile(person), `${password}\n`, { mode: 0o600, flag: 'wx' });
  }
  const unlock = async (member: Person): Promise<void> => {
    await client.call('workspace.unlock', { member, password: passwords.get(member)! });
  };
  const choice = client.keep(folder);
  await client.call('workspace.create', {
    choice,
    member: FOUNDER,
    password: passwords.get(FOUNDER)!,
    roles: ROLES[FOUNDER],
  });
  await client.call('workspace.select', { choice: client.keep(folder) });
  await unlock(FOUNDER);
  for (const member of OTHERS)
    await client.call('members.add', {
      member,
      password: passwords.get(member)!,
      roles: ROLES[member],
    });
  return { passwordFile, unlock };
}
