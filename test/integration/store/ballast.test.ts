import { existsSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  BALLAST_BYTES,
  BALLAST_FILE,
  createBallast,
  releaseBallast,
  restoreBallast,
} from '#core/store/ballast.ts';
import { folder } from './support.ts';

it('the ballast takes real room, is given up, and is put back whole', () => {
  const dir = folder();
  const file = path.join(dir, BALLAST_FILE);
  createBallast(dir);
  const { size, blocks } = statSync(file);
  expect(size).toBe(BALLAST_BYTES);
  if (process.platform !== 'win32') expect(blocks * 512).toBeGreaterThanOrEqual(BALLAST_BYTES);
  releaseBallast(dir);
  releaseBallast(dir);
  expect(existsSync(file)).toBe(false);
  expect(restoreBallast(dir)).toBe(true);
  truncateSync(file, 1000);
  expect(restoreBallast(dir)).toBe(true);
  expect(statSync(file).size).toBe(BALLAST_BYTES);
});
