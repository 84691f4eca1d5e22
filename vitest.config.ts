import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{bin,src,scripts,examples,bench,docs}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.batuta/**"],
    // Limits for tests that hang, not for slow ones: the machine may be shared.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests start and kill processes and open databases: each file has a process of its own.
    pool: "forks",
  },
});
