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
  },
});
