/**
 * Builds what Electron and the browser load. Everything else (core, command line, tests) runs from
 * source by type stripping.
 *
 *   out/main      index.js, core.entry.js, decode.entry.js   ES modules, packages left outside
 *   out/preload   index.cjs                                   one CommonJS file (sandboxed preload)
 *   out/devhost   letterbox.js                                the same letter box as one script
 *   out/renderer  index.html and assets
 *
 * `CUSTOS_BUILD=test` builds into out/test-build a variant that lets a test driver attach; a normal
 * build refuses to be driven (see electron/main/hardening/switches.ts).
 */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { buildLetterbox } from './electron/devhost/build-letterbox.ts';

const root = import.meta.dirname;
const testBuild = process.env['CUSTOS_BUILD'] === 'test';
const out = path.join(root, 'out', ...(testBuild ? ['test-build'] : []));

/** The subpath imports of package.json, for files below `root`. */
const alias = {
  '#shared': path.join(root, 'shared'),
  '#core': path.join(root, 'electron/core'),
  '#electron': path.join(root, 'electron'),
};

/** What Electron 45 carries; electron-vite only knows older ones by number. */
const NODE = 'node24';
const CHROME = 'chrome150';

/** The development host's letter box is a script, not a module, so it is built by itself. */
const devhostLetterbox: Plugin = {
  name: 'custos:devhost-letterbox',
  apply: 'build',
  closeBundle: () => buildLetterbox(root, path.join(out, 'devhost')),
};

export default defineConfig({
  main: {
    resolve: { alias },
    define: { __CUSTOS_TEST_BUILD__: String(testBuild) },
    build: {
      outDir: path.join(out, 'main'),
      target: NODE,
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: path.join(root, 'electron/main/index.ts'),
          'core.entry': path.join(root, 'electron/workers/core.entry.ts'),
          'decode.entry': path.join(root, 'electron/workers/decode.entry.ts'),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    resolve: { alias },
    plugins: [devhostLetterbox],
    build: {
      outDir: path.join(out, 'preload'),
      target: NODE,
      // SECURITY: a sandboxed preload can load no package; everything it needs is in the one file.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: path.join(root, 'electron/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: path.join(root, 'renderer'),
    // Relative addresses: the same build is served at custos://app and by the development host.
    base: './',
    publicDir: false,
    plugins: [react()],
    resolve: { alias },
    build: {
      outDir: path.join(out, 'renderer'),
      target: CHROME,
      // SECURITY: no data: addresses, because the policy allows none.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: path.join(root, 'renderer/index.html') } },
    },
  },
});
