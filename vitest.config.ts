import { defineConfig } from 'vitest/config';

/**
 * One runner for everything. Decoders, Argon2 and Chromium are processes and threads of their own,
 * so files run two at a time on two cores.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // Only for `npm run coverage`: what stands between the disk and the evidence.
    coverage: {
      provider: 'v8',
      include: ['electron/core/{vault,store,record,access}/**/*.ts'],
      reporter: ['text'],
      reportsDirectory: 'node_modules/.cache/coverage',
    },
  },
});
