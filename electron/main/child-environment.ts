/** What a child process may know of the environment. */

const PASSED_ON = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOCALAPPDATA',
  'SystemRoot',
  'TEMP',
  'TMP',
  'TMPDIR',
  'USERPROFILE',
  'windir',
];

/** SECURITY: a list of what passes, so that `NODE_OPTIONS`, `LD_PRELOAD` and the like do not. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
