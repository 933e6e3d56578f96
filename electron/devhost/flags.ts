/** Switches the development host starts Chromium with. */
import { NO_NETWORK } from '#electron/hosting/no-network.ts';

/** One window, nothing kept, nothing asked. */
const QUIET = [
  '--block-new-web-contents',
  '--deny-permission-prompts',
  '--disable-extensions',
  '--disable-plugins',
  '--disable-speech-api',
  '--disable-notifications',
  '--disk-cache-size=1',
];

/** What the driver adds by itself and this host does not want. */
export const UNWANTED_DEFAULTS = [
  '--disable-popup-blocking',
  '--disable-ipc-flooding-protection',
  '--unsafely-disable-devtools-self-xss-warnings',
  '--enable-unsafe-swiftshader',
];

export function chromiumFlags(options: { headless: boolean; width: number; height: number }) {
  return [
    ...NO_NETWORK.map(([name, value]) => (value ? `--${name}=${value}` : `--${name}`)),
    ...QUIET,
    `--window-size=${String(options.width)},${String(options.height)}`,
    // A window without tabs and address bar; the real page is opened in it afterwards.
    ...(options.headless ? [] : ['--app=data:text/html,<title>Custos</title>']),
  ];
}
