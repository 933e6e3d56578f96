/** The core as a host sees it, whether it runs in this process or in another one. */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';

export interface PictureAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What a host needs of the core to serve one window. */
export interface HostedCore {
  /** Never rejects while the core lives: failures are results. */
  call(channel: string, input: unknown): Promise<Result<unknown>>;
  picture(token: string): Promise<PictureAnswer>;
  /** Returns how to stop listening. */
  onEvent(listener: (event: CoreEvent) => void): () => void;
  /** The person at this machine did something: the idle clock starts again. */
  activity(): void;
}
