/** Builds the development host's letter box: one plain script, because it runs before the page's. */
import path from 'node:path';
import { build } from 'vite';

/** Writes `letterbox.js` into `folder`; `root` is the folder of the repository. */
export async function buildLetterbox(root: string, folder: string): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias: { '#shared': path.join(root, 'shared') } },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'chrome150',
      minify: false,
      lib: {
        entry: path.join(root, 'electron/preload/devhost.ts'),
        formats: ['iife'],
        name: 'custosLetterbox',
        fileName: () => 'letterbox.js',
      },
    },
  });
}
