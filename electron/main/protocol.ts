/** `custos://app/`: the built screens, and pictures by one-time lease. */
import type { Session } from 'electron';
import type { Answer } from '#electron/hosting/answer.ts';
import { SECURITY_HEADERS } from '#electron/hosting/csp.ts';
import { SCHEME } from './hardening/before-ready.ts';

/** Registered on the window's own session, not on the default one. */
export function serveScheme(session: Session, answer: Answer): void {
  session.protocol.handle(SCHEME, async ({ method, url }) => {
    // Navigations are refused before they get here (hardening/window.ts).
    const response = await answer({ method, url, navigation: false });
    if (!response) return new Response(null, { status: 403, headers: SECURITY_HEADERS });
    // A copy on an ArrayBuffer of its own: bytes from another process may lie on a shared one.
    return new Response(new Uint8Array(response.body), {
      status: response.status,
      headers: response.headers,
    });
  });
}
