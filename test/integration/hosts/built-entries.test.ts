/**
 * The entries that Electron forks, as they were built, in plain Node children that look like its
 * utility processes. Skipped, aloud, where nothing was built yet.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { READY, type DecoderAnswer, type DecoderRequest } from '#core/media/protocol.ts';
import { connectCore } from '#electron/hosting/core-client.ts';
import { REPOSITORY, temporaryFolder } from '../../hosts/app.ts';

const MAIN = path.join(REPOSITORY, 'out', 'main');
const built = existsSync(path.join(MAIN, 'core.entry.js'));
if (!built) console.warn('Nothing is built: the entries for Electron were not tried.');

let child: ChildProcess | null = null;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder('built');
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = null;
  await folder.remove();
});

function start(entry: string): ChildProcess {
  child = fork(path.join(MAIN, entry), {
    serialization: 'advanced',
    execArgv: ['--import', import.meta.resolve('./utility-process.ts')],
    env: {},
  });
  return child;
}

describe.runIf(built)('the built entries', () => {
  it('core: opens its packages, makes a workspace and answers over the wire', async () => {
    const process = start('core.entry.js');
    const client = connectCore(
      {
        post: (message) => void process.send(message as object),
        onMessage: (listener) => void process.on('message', (message) => listener(message, [])),
      },
      {
        machineDir: folder.path,
        resourcesDir: path.join(REPOSITORY, 'resources'),
        decoders: 1,
        passwordCost: 'test',
      },
      {
        dialogs: {
          chooseWorkspace: async () => path.join(folder.path, 'workspace'),
          chooseSources: async () => null,
          chooseTarget: async () => null,
          chooseReceived: async () => null,
        },
        decoders: { spawn: () => undefined, kill: () => undefined },
      },
    );
    const chosen = await client.call('workspace.choose', { purpose: 'create' });
    expect(chosen.ok).toBe(true);
    const { choice } = (chosen as { value: { choice: string } }).value;
    const created = await client.call('workspace.create', {
      choice,
      member: 'Ada',
      password: 'five calm words in a row',
      roles: ['investigator', 'supervisor'],
    });
    expect(created.ok ? null : created.error).toBeNull();
    expect((await client.picture('0'.repeat(32))).status).toBe(403);
    await client.lock('closed');
  });

  it('decoder: reads a picture that comes over the port', async () => {
    const process = start('decode.entry.js');
    const picture = await sharp({
      create: { width: 64, height: 48, channels: 3, background: '#468' },
    })
      .png()
      .toBuffer();
    const [first] = (await once(process, 'message')) as [unknown];
    expect(first).toEqual(READY);
    const answered = once(process, 'message') as Promise<[DecoderAnswer]>;
    const request: DecoderRequest = { id: 1, kind: 'analyse', bytes: picture };
    process.send(request);
    const [answer] = await answered;
    expect(answer).toMatchObject({ id: 1, kind: 'facts', facts: { width: 64, height: 48 } });
  });

  it('decoder: ends when it is sent anything that is no request', async () => {
    const process = start('decode.entry.js');
    process.send({ give: 'me the keys' });
    const [code] = (await once(process, 'exit')) as [number];
    expect(code).toBe(2);
  });
});
