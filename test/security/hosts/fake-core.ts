/** A core that only remembers what it was asked: the hosts are what is under test. */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';
import type { HostedCore } from '#electron/hosting/workstation.ts';

export interface FakeCore extends HostedCore {
  calls: { channel: string; input: unknown }[];
  pictures: string[];
  active: number;
  emit(event: CoreEvent): void;
  /** Token of the only lease there is; good once. */
  lease: string | null;
}

export function createFakeCore(jpeg: Uint8Array = new Uint8Array()): FakeCore {
  const listeners = new Set<(event: CoreEvent) => void>();
  const fake: FakeCore = {
    calls: [],
    pictures: [],
    active: 0,
    lease: null,
    call(channel, input): Promise<Result<unknown>> {
      fake.calls.push({ channel, input });
      return Promise.resolve({ ok: true, value: { channel } });
    },
    picture(token) {
      fake.pictures.push(token);
      if (token !== fake.lease) {
        return Promise.resolve({ status: 403, headers: {}, body: new Uint8Array() });
      }
      fake.lease = null;
      return Promise.resolve({
        status: 200,
        headers: { 'content-type': 'image/jpeg', 'content-security-policy': 'default-src *' },
        body: jpeg,
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    activity() {
      fake.active += 1;
    },
    emit(event) {
      for (const listener of listeners) listener(event);
    },
  };
  return fake;
}
