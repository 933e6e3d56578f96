/** The wire to a core in another process, run over a real message channel of Node. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecoderProcess, Ports } from '#core/ports.ts';
import { connectCore, type CoreClient } from '#electron/hosting/core-client.ts';
import { serveCore } from '#electron/hosting/core-server.ts';
import type { Port } from '#electron/hosting/core-wire.ts';
import { NO_ANSWERS, temporaryFolder } from '../../hosts/app.ts';
import { createFakeCore, type FakeCore } from '../../security/hosts/fake-core.ts';

/** Ports that travel with a message are given beside it, as Electron does. */
function fromNodePort(port: MessagePort): Port & { postWith(m: unknown, p: MessagePort): void } {
  return {
    post: (message) => port.postMessage({ message }),
    postWith: (message, extra) => port.postMessage({ message, extra }, [extra]),
    onMessage: (listener) =>
      void port.on('message', ({ message, extra }: { message: unknown; extra?: MessagePort }) =>
        listener(message, extra ? [fromNodePort(extra)] : []),
      ),
  };
}

let channel: MessageChannel;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let core: FakeCore & { locked: string[] };
let ports: Ports | null;
let client: CoreClient;
let hostPort: ReturnType<typeof fromNodePort>;
let asked: [string, number][];
let answers: { workspace: string | null; fail: boolean };

beforeEach(async () => {
  folder = await temporaryFolder('wire');
  channel = new MessageChannel();
  asked = [];
  answers = { workspace: null, fail: false };
  ports = null;
  const locked: string[] = [];
  core = Object.assign(createFakeCore(new Uint8Array([9, 9])), { locked });
  serveCore(fromNodePort(channel.port1), (given) => {
    ports = given;
    return { ...core, lock: async (why) => void locked.push(why) };
  });
  hostPort = fromNodePort(channel.port2);
  client = connectCore(
    hostPort,
    { machineDir: folder.path, resourcesDir: '/r', decoders: 2, passwordCost: 'test' },
    {
      dialogs: {
        chooseWorkspace: async () => {
          if (answers.fail) throw new Error('no window');
          return answers.workspace;
        },
        chooseSources: async () => NO_ANSWERS.sources,
        chooseTarget: async (name) => `/out/${name}`,
        chooseReceived: async () => NO_ANSWERS.received,
      },
      decoders: {
        spawn: (id) => asked.push(['spawn', id]),
        kill: (id) => asked.push(['kill', id]),
      },
    },
  );
});
afterEach(async () => {
  channel.port1.close();
  channel.port2.close();
  await folder.remove();
});

describe('the wire to the core', () => {
  it('carries calls, pictures, events, activity and locking', async () => {
    expect(await client.call('cases.list', { a: 1 })).toEqual({
      ok: true,
      value: { channel: 'cases.list' },
    });
    expect(core.calls).toEqual([{ channel: 'cases.list', input: { a: 1 } }]);
    expect((await client.picture('0'.repeat(32))).status).toBe(403);
    const events: unknown[] = [];
    const stop = client.onEvent((event) => events.push(event));
    core.emit({ type: 'case-changed', caseId: 3 });
    await expect.poll(() => events).toEqual([{ type: 'case-changed', caseId: 3 }]);
    stop();
    client.activity();
    await client.lock('suspend');
    expect(core.locked).toEqual(['suspend']);
    expect(ports).toMatchObject({ host: 'electron', decoders: 2, passwordCost: 'test' });
  });

  it('keeps many answers apart', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `channel.${String(i)}`);
    const results = await Promise.all(names.map((name) => client.call(name, null)));
    expect(results).toEqual(names.map((name) => ({ ok: true, value: { channel: name } })));
  });

  it('lets the core ask for the dialogs of the host, and a failing one chose nothing', async () => {
    await client.call('any', null);
    answers.workspace = '/chosen';
    expect(await ports?.dialogs.chooseWorkspace('open')).toBe('/chosen');
    expect(await ports?.dialogs.chooseTarget('x.tar')).toBe('/out/x.tar');
    answers.fail = true;
    expect(await ports?.dialogs.chooseWorkspace('open')).toBeNull();
  });

  it('answers everything when the core ends, then and afterwards', async () => {
    const slow = connectCore(
      { post: () => undefined, onMessage: () => undefined },
      { machineDir: folder.path, resourcesDir: '/r', decoders: 1, passwordCost: 'test' },
      {
        dialogs: {} as never,
        decoders: { spawn: () => undefined, kill: () => undefined },
      },
    );
    const waiting = [slow.call('cases.list', {}), slow.picture('x'), slow.lock('idle')];
    slow.ended();
    const [call, picture] = await Promise.all(waiting);
    expect(call).toMatchObject({ ok: false, error: { code: 'NOT_UNLOCKED' } });
    expect(picture).toMatchObject({ status: 503 });
    expect(await slow.call('cases.list', {})).toMatchObject({ error: { code: 'NOT_UNLOCKED' } });
  });
});

describe('a decoder started by the host', () => {
  const spawn = async (): Promise<DecoderProcess> => {
    await client.call('any', null);
    if (!ports) throw new Error('not started');
    return ports.spawnDecoder();
  };

  it('gets what was sent before it was there, in order, and answers over its own port', async () => {
    const decoder = await spawn();
    const heard: unknown[] = [];
    decoder.onMessage((message) => heard.push(message));
    decoder.send(1);
    decoder.send(2);
    await expect.poll(() => asked).toEqual([['spawn', 1]]);
    const direct = new MessageChannel();
    const inside = fromNodePort(direct.port1);
    const received: unknown[] = [];
    inside.onMessage((message) => {
      received.push(message);
      inside.post(`done ${String(message)}`);
    });
    hostPort.postWith({ t: 'decoder-ready', id: 1 }, direct.port2);
    await expect.poll(() => received).toEqual([1, 2]);
    decoder.send(3);
    await expect.poll(() => heard).toEqual(['done 1', 'done 2', 'done 3']);
    direct.port1.close();
  });

  it('is killed by name, reports its memory, and its end is told once', async () => {
    const decoder = await spawn();
    const ends: string[] = [];
    decoder.onExit((reason) => ends.push(reason));
    expect(decoder.residentBytes()).toBeNull();
    client.send({ t: 'decoder-memory', id: 1, bytes: 4096 });
    await expect.poll(() => decoder.residentBytes()).toBe(4096);
    decoder.kill();
    await expect.poll(() => asked).toContainEqual(['kill', 1]);
    client.send({ t: 'decoder-exit', id: 1, reason: 'exit code 9' });
    client.send({ t: 'decoder-exit', id: 1, reason: 'exit code 9' });
    await expect.poll(() => ends).toEqual(['exit code 9']);
  });
});
