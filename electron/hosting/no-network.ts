/**
 * Chromium switches that keep it off every network, as name and value.
 * SECURITY: P6. Three walls, each enough by itself: no name (and no bare address) resolves, the
 * proxy that everything would have to use is dead, and the host answers or cancels every request.
 */
export const DEAD_PROXY = 'http://127.0.0.1:9';

export const NO_NETWORK: readonly (readonly [name: string, value?: string])[] = [
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['proxy-server', DEAD_PROXY],
  ['proxy-bypass-list', '<-loopback>'],
  ['force-webrtc-ip-handling-policy', 'disable_non_proxied_udp'],
  ['dns-prefetch-disable'],
  ['no-pings'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-client-side-phishing-detection'],
  ['disable-domain-reliability'],
  ['disable-default-apps'],
  ['disable-sync'],
  ['disable-breakpad'],
  ['disable-crash-reporter'],
  ['no-first-run'],
  ['no-default-browser-check'],
];
