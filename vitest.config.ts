import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those that take longest, in their order: begun last they would go on alone while the other workers have nothing to do. */
const LONGEST = ["postgres.test.ts", "simulator.test.ts", "sqlite.test.ts", "cron-zones.test.ts", "crash.test.ts"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      LONGEST.includes(basename(moduleId)) ? LONGEST.indexOf(basename(moduleId)) : LONGEST.length;
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

declare module "vitest" {
  interface ProvidedContext {
    /** The first seed of what tests draw at random. */
    readonly firstSeed: number;
  }
}

export default defineConfig({
  test: {
    provide: { firstSeed: seedOfSources() },
    include: ["{bin,src,scripts,examples,bench,docs}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.batuta/**"],
    // Limits for tests that hang, not for slow ones: the machine may be shared.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Tests start and kill processes and open databases: each file has a process of its own.
    pool: "forks",
    // On two cores that is two at a time; left to itself vitest would keep one core free.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
  },
});

/**
 * The same for the same sources, so that what passed passes again; other worlds with each change. Sources that are no
 * git clone have the seed 1.
 */
function seedOfSources(): number {
  try {
    const tree = execFileSync("git", ["rev-parse", "HEAD^{tree}"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number.parseInt(tree.slice(0, 7), 16);
  } catch {
    return 1;
  }
}
