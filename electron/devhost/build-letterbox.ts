/** Builds the development host's letter box: one plain script, because it runs before the page's. */
import path from 'node:path';
import { build } from 'vite';

/** Writes `letterbox.js` into the folder. */
export async function buildLetterbox(folder: string): Promise<void> {
  const electron = path.resolve(import.meta.dirname, '..');
  await build({
    configFile: false,
    root: path.dirname(electron),
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias: { '#shared': path.resolve(electron, '../shared') } },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'chrome150',
      minify: false,
      lib: {
        entry: path.join(electron, 'preload', 'devhost.ts'),
        formats: ['iife'],
        name: 'custosLetterbox',
        fileName: () => 'letterbox.js',
      },
    },
  });
}
