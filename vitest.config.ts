import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    allowOnly: !process.env.CI,
    // Many tests wait for limits, kills and browsers more than they compute: more of them than cores go side by side.
    maxWorkers: 3,
  },
});
