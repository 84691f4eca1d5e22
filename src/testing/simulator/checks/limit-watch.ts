import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { Findings } from "../findings.ts";
import type { RunFold } from "./run-fold.ts";

/** A limit that was exceeded, or reached: so much is taken, by whatever runs at the moment. */
interface Use {
  taken: number;
  readonly limit: number;
}

/**
 * I24: whatever runs at the same time stays within every limit, at every commit. Read from the manifest and from what
 * runs, by code that knows nothing of lanes and scopes.
 */
export class LimitWatch {
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  look(folds: Iterable<RunFold>): void {
    const uses = new Map<string, Use>();
    for (const fold of folds) {
      for (const { spec, state } of fold.tasks.values()) {
        if (state !== "running") continue;
        for (const [name, limit] of limitsOf(fold, spec)) {
          const use = uses.get(name) ?? { taken: 0, limit };
          use.taken += 1;
          uses.set(name, use);
        }
      }
    }
    for (const [name, { taken, limit }] of uses) {
      this.#findings.expect(taken <= limit, "I24", () => `${taken} attempts run in ${name}, its limit is ${limit}`);
    }
  }
}

function limitsOf({ spec: pipeline, id }: RunFold, task: TaskSpec): readonly (readonly [string, number])[] {
  const { name, concurrency, runConcurrency }: PipelineSpec = pipeline;
  const limits: (readonly [string, number | undefined])[] = [
    [`task ${name}/${task.name}`, task.concurrency],
    [`pipeline ${name}`, concurrency],
    [`run ${id}`, runConcurrency],
  ];
  return limits.flatMap(([scope, limit]) => (limit === undefined ? [] : [[scope, limit] as const]));
}
