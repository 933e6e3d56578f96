/**
 * Who may import whom (docs/architecture.md). Each rule has a planted violation in
 * test/contract/layers.test.ts: a rule that cannot fail is no rule.
 */
const features = 'intake|review|bundle|upkeep|jobs';
/** Everything of ours outside `allowed`, for a folder that may only look down. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(electron|renderer|shared|test)/', pathNot: [from, ...allowed] },
});
const PORTS = '^electron/core/ports\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shared-knows-nobody',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', '(^|/)node_modules/zod/'] },
    },
    only('vault-at-the-bottom', '^electron/core/vault/', ['^shared/', PORTS], 'keys know nobody'),
    only('media-alone', '^electron/core/media/', ['^shared/', PORTS], 'pixels know no keys'),
    only('jobs-alone', '^electron/core/jobs/', ['^shared/', PORTS], 'progress knows nobody'),
    only(
      'store-on-vault',
      '^electron/core/store/',
      ['^shared/', PORTS, '^electron/core/vault/'],
      '',
    ),
    only(
      'record-on-vault',
      '^electron/core/record/',
      ['^shared/', PORTS, '^electron/core/vault/'],
      '',
    ),
    only(
      'access-on-the-ground-floor',
      '^electron/core/access/',
      ['^shared/', PORTS, '^electron/core/(vault|store|record)/'],
      '',
    ),
    {
      name: 'features-apart',
      comment: 'what two features need is handed in by workstation.ts',
      severity: 'error',
      from: { path: `^electron/core/(${features})/` },
      to: { path: `^electron/core/(${features})/`, pathNot: '^electron/core/$1/' },
    },
    {
      name: 'features-below-api',
      severity: 'error',
      from: { path: `^electron/core/(${features})/` },
      to: {
        path: '^electron/(core/api|core/workstation|main|preload|cli|devhost|workers)|^renderer/|^test/',
      },
    },
    {
      name: 'core-without-electron',
      severity: 'error',
      from: { path: '^electron/(core|workers|cli|devhost)/' },
      to: { path: '(^|/)node_modules/electron/|^electron$' },
    },
    {
      name: 'core-knows-no-host',
      severity: 'error',
      from: { path: '^electron/core/' },
      to: { path: '^(electron/(main|preload|cli|devhost|workers)|renderer|test)/' },
    },
    {
      name: 'main-holds-no-keys',
      comment: 'main may know the types of core, never its code',
      severity: 'error',
      from: { path: '^electron/main/' },
      to: {
        path: '^(electron/(core|cli|devhost)/|renderer/|test/|node_modules/(sharp|better-sqlite3))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'preload-is-a-letter-box',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: {
        path: '^(electron|renderer|shared|test)/',
        pathNot: ['^electron/preload/', '^shared/contract/(names|plain)\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'screens-look-at-nothing-below',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(electron|test)/' },
    },
    {
      name: 'screens-without-node',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'rooms-apart',
      severity: 'error',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/(features/[^/]+|app)/', pathNot: '^renderer/features/$1/' },
    },
    {
      name: 'sqlite-in-store-only',
      severity: 'error',
      from: { path: '^(electron|renderer|shared)/', pathNot: '^electron/core/store/' },
      to: { path: 'node_modules/better-sqlite3' },
    },
    {
      name: 'sharp-in-decoder-only',
      comment: 'evidence is decoded nowhere else; the demo draws its own pictures',
      severity: 'error',
      from: {
        path: '^(electron|renderer|shared)/',
        pathNot: '^electron/(core/media/decoder|cli/demo)/',
      },
      to: { path: 'node_modules/sharp/' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { path: '^(electron|renderer|shared)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'electron/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json'],
    },
  },
};
