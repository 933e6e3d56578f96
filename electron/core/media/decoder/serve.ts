/** The inside of a decoder process: one message in, one message out. */
import { analyse } from './analyse.ts';
import { parseRequest, type DecoderAnswer, type DecoderRequest } from '../protocol.ts';
import { render } from './rendition.ts';
import { isUnreadable } from './vips.ts';

/**
 * The answer to a message, or null where it is no request at all: the process should then end,
 * since whoever sent it is not the core.
 */
export async function answer(message: unknown): Promise<DecoderAnswer | null> {
  const request = parseRequest(message);
  return request && { ...(await outcomeOf(request)), id: request.id };
}

async function outcomeOf(request: DecoderRequest) {
  const done = await (request.kind === 'analyse'
    ? analyse(request.bytes)
    : render(request.bytes, request));
  if (isUnreadable(done)) {
    const { code, reason } = done;
    return { kind: 'failed' as const, code, reason };
  }
  if ('frames' in done) {
    const { width, height, frames, pdq, pdqQuality, thumbnail, thumbnailSize } = done;
    const facts = { width, height, frames, pdq, pdqQuality, thumbnail, thumbnailSize };
    return { kind: 'facts' as const, facts };
  }
  const { bytes, width, height } = done;
  return { kind: 'rendered' as const, rendered: { bytes, width, height } };
}
