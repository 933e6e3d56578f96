import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { orCancelled } from '#core/intake/abandon.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('giving up on a source', () => {
  it('fails at once when aborted, even where the source never answers', async () => {
    const controller = new AbortController();
    const read = orCancelled(controller.signal, never());
    controller.abort();
    await expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(orCancelled(controller.signal, never())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('passes on what the work says and keeps no listener', async () => {
    const { signal } = new AbortController();
    expect(await orCancelled(signal, Promise.resolve(7))).toBe(7);
    await expect(orCancelled(signal, Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
