import js from '@eslint/js';
import globals from 'globals';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

/**
 * What a folder may touch, held a second time (dependency-cruiser holds it first): a forbidden
 * global or module name is an error where the folder has no business with it.
 */
const noElectron = {
  name: 'electron',
  message: 'Only electron/main and electron/preload know Electron.',
};
const noSqlite = { name: 'better-sqlite3', message: 'Only electron/core/store opens databases.' };
const noSharp = { name: 'sharp', message: 'Only the decoder decodes pictures.' };
const forbid = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });

export default ts.config(
  { ignores: ['out/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['shared', 'electron', 'renderer', 'test'].map(
          (floor) => `./${floor}/tsconfig.json`,
        ),
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      // Parts here are objects of closures, never classes that lean on `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.mjs', '**/*.js', '**/*.cjs'], languageOptions: { globals: globals.node } },
  { files: ['shared/**'], rules: forbid(noElectron, noSqlite, noSharp) },
  { files: ['electron/core/**'], rules: forbid(noElectron, noSqlite, noSharp) },
  { files: ['electron/core/store/**'], rules: forbid(noElectron, noSharp) },
  { files: ['electron/core/media/decoder/**'], rules: forbid(noElectron, noSqlite) },
  // The layer checker takes `import x, { type Y }` for a type: here such imports are refused too.
  {
    files: ['electron/main/**', 'electron/preload/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['#core/*', '#electron/cli/*', '#electron/devhost/*'],
              allowTypeImports: true,
              message: 'The process of the windows holds no keys: types only.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['electron/workers/**', 'electron/cli/**', 'electron/devhost/**'],
    rules: forbid(noElectron, noSqlite, noSharp),
  },
  // The demo draws its own pictures; evidence is decoded in electron/core/media alone.
  { files: ['electron/cli/demo/**'], rules: forbid(noElectron, noSqlite) },
  {
    files: ['electron/cli/**', 'electron/devhost/**', 'test/**', '**/*.mjs'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['renderer/**'],
    plugins: { 'react-hooks': hooks },
    languageOptions: { globals: globals.browser },
    rules: {
      ...hooks.configs.recommended.rules,
      ...forbid(noElectron, noSqlite, noSharp),
      'no-restricted-globals': ['error', 'fetch', 'XMLHttpRequest', 'WebSocket', 'localStorage'],
    },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
