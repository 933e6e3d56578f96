/** Command-line switches Custos refuses to start with. */

/**
 * SECURITY: each of these opens the window to a debugger, weakens the sandbox or the same-origin
 * rule, loads foreign code, or lets something leave or be written that should not.
 */
export const REFUSED_SWITCHES: readonly string[] = [
  // driven from outside
  'remote-debugging-port',
  'remote-debugging-pipe',
  'remote-debugging-address',
  'remote-debugging-targets',
  'remote-allow-origins',
  'inspect',
  'inspect-brk',
  'inspect-wait',
  'inspect-port',
  'inspect-publish-uid',
  'debug',
  'debug-brk',
  'debug-port',
  'enable-automation',
  'auto-open-devtools-for-tabs',
  // the sandbox
  'no-sandbox',
  'disable-setuid-sandbox',
  'disable-gpu-sandbox',
  'disable-namespace-sandbox',
  'disable-seccomp-filter-sandbox',
  'no-zygote',
  'no-zygote-sandbox',
  'single-process',
  'allow-sandbox-debugging',
  // the web's own rules
  'disable-web-security',
  'disable-site-isolation-trials',
  'disable-features',
  'enable-features',
  'enable-blink-features',
  'disable-blink-features',
  'allow-running-insecure-content',
  'allow-file-access-from-files',
  'unsafely-treat-insecure-origin-as-secure',
  'ignore-certificate-errors',
  'use-fake-ui-for-media-stream',
  'auto-select-desktop-capture-source',
  'enable-experimental-web-platform-features',
  // foreign code
  'load-extension',
  'js-flags',
  'require',
  'import',
  'experimental-loader',
  'loader',
  'renderer-cmd-prefix',
  'utility-cmd-prefix',
  'gpu-launcher',
  'browser-subprocess-path',
  'register-pepper-plugins',
  // network
  'proxy-server',
  'proxy-pac-url',
  'proxy-bypass-list',
  'proxy-auto-detect',
  'host-rules',
  'host-resolver-rules',
  // written down
  'ssl-key-log-file',
  'log-net-log',
  'log-file',
  'enable-logging',
  'trace-startup',
  'trace-startup-file',
  'disk-cache-dir',
  'user-data-dir',
  'crash-dumps-dir',
  'enable-crash-reporter',
  'enable-stats-collection-bindings',
  'no-stdio-init',
];

/** What a driver of the end-to-end suite needs; allowed in a test build only. */
const TEST_BUILD_ONLY: ReadonlySet<string> = new Set(['inspect', 'remote-debugging-port']);

/**
 * The refused switches among the arguments, without values. Forms `--name`, `--name=value` and
 * `-name` count on every system, `/name` on Windows; names are compared without case.
 */
export function findRefused(
  args: readonly string[],
  options: { platform: NodeJS.Platform; testBuild: boolean },
): string[] {
  const refused = new Set(
    REFUSED_SWITCHES.filter((name) => !(options.testBuild && TEST_BUILD_ONLY.has(name))),
  );
  return args
    .map((argument) => switchName(argument, options.platform))
    .filter((name): name is string => name !== null && refused.has(name));
}

function switchName(argument: string, platform: NodeJS.Platform): string | null {
  const prefix = platform === 'win32' ? /^(?:--?|\/)/ : /^--?/;
  if (!prefix.test(argument)) return null;
  const name = argument.replace(prefix, '').split('=')[0] ?? '';
  return name.toLowerCase();
}
