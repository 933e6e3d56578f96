/** Export and witnessing as a screen or command asks for them: through the router, on a real workspace. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSmallFile } from '#core/record/hand-over.ts';
import { witness } from '#core/record/witness.ts';
import { createClient } from '#electron/cli/client.ts';
import { noDialogs, nodePorts } from '#electron/cli/node-ports.ts';
import { judge } from '../../support/record-exports.ts';
import { tempFolder } from './setup.ts';

const PASSWORD = 'a password for testing only';

describe('the record room', () => {
  it('hands out an export and takes a co-signature, both on the record', async () => {
    const top = tempFolder();
    const at = (name: string): string => path.join(top, name);
    mkdirSync(at('machine'));
    const client = createClient(
      nodePorts({
        host: 'command-line',
        dialogs: noDialogs,
        machineDir: at('machine'),
        passwordCost: 'test',
      }),
    );
    const choice = client.keep(at('workspace'));
    await client.call('workspace.create', {
      choice,
      member: 'Ada',
      password: PASSWORD,
      roles: ['investigator', 'supervisor'],
    });
    await client.call('workspace.select', { choice });
    await client.call('workspace.unlock', { member: 'Ada', password: PASSWORD });
    const { id: caseId } = await client.call('cases.create', { ref: 'OP-1', title: 'A case' });

    const asked = await client.call('record.witnessRequest', {
      target: client.keep(at('request')),
    });
    expect(asked.old).toBe(0);
    const request = readFileSync(at('request'), 'utf8');
    const answered = witness(at('elsewhere'), request, {
      trust: asked.fingerprint,
      now: new Date(),
    });
    writeSmallFile(at('answer'), answered.answer);
    const file = client.keep(at('answer'));
    const kept = await client.call('record.acceptWitness', { file });
    expect(kept).toMatchObject({ name: answered.witness, size: asked.size, known: false });
    expect((await client.call('record.acceptWitness', { file })).known).toBe(true);
    const again = await client.call('record.witnessRequest', { target: client.keep(at('second')) });
    expect(again.old).toBe(asked.size);

    const made = await client.call('record.export', { target: client.keep(at('whole')) });
    expect(made.entries).toBe(made.size);
    await client.call('record.export', { target: client.keep(at('case')), caseId });
    for (const name of ['whole', 'case']) {
      const { status, output } = judge(at(name), '--witness', answered.fingerprint);
      expect(output).toContain('The export holds');
      expect(status).toBe(0);
    }
    const taken = client.call('record.export', { target: client.keep(at('whole')) });
    await expect(taken).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });

    const verdict = await client.call('record.verify', {});
    expect(verdict).toMatchObject({ good: true, witnesses: [{ name: answered.witness }] });
    const types = ['record.exported', 'witness.accepted'] as const;
    const { entries } = await client.call('record.list', { types: [...types] });
    expect(entries.map(({ type }) => type)).toEqual([
      'record.exported',
      'record.exported',
      'record.exported',
      'witness.accepted',
    ]);
    expect(entries.every(({ by }) => by === 'Ada')).toBe(true);
    await client.close();
  });
});
