import { type Mutant, mutant } from "./mutant.ts";

/** Of who starts first, of keys, rates, places and the past. */
export const ORDER_MUTANTS: readonly Mutant[] = [
  mutant("the lowest priority goes first", "I28", "core/lane-plan.ts", [
    "return [...levels].sort(([one], [other]) => other - one)",
    "return [...levels].sort(([one], [other]) => one - other)",
  ]),
  mutant("the newest of a lane goes first", "CC-2", "store/sqlite/claim.ts", [
    "where lane_id = ? order by queued_at, task_run_key limit ?",
    "where lane_id = ? order by queued_at desc, task_run_key desc limit ?",
  ]),
  mutant("one pipeline takes all slots in one claim", "B42", "core/lane-plan.ts", [
    "if (isOpen() && this.#serveNext(pipeline)) isMoving = true;",
    "while (isOpen() && this.#serveNext(pipeline)) isMoving = true;",
  ]),
  mutant("who was served keeps its turn", "B42", "store/claim.ts", [
    "if (lanes.length > 1) await tx.rotateLanes(",
    "if (lanes.length > 1_000) await tx.rotateLanes(",
  ]),
  mutant("the shortest way goes first", "CC-3", "core/critical-path.ts", [
    "return Math.min(level, LEVELS - 1) / LEVELS;",
    "return (LEVELS - 1 - Math.min(level, LEVELS - 1)) / LEVELS;",
  ]),
  mutant("a rate lets one more start", "CC-1", "core/scope-use.ts", [
    "started >= view.rate.limit",
    "started > view.rate.limit",
  ]),
  mutant("starts of a rate are counted once a claim", "CC-1", "core/scope-use.ts", ["scope.started += 1;", ""]),
  mutant("starts are not written down", "CC-1", "store/sqlite/claim.ts", [
    "if (isLimited) countStarts(db, { laneId, count }, now);",
    "if (isLimited) void { laneId, count, now, countStarts };",
  ]),
  mutant("all customers share a key", "I25", "core/task-scopes.ts", [
    'parameterAt(params, key.split(".").slice(1)) ?? null',
    'parameterAt({}, key.split(".").slice(1)) ?? params ?? null',
  ]),
  mutant("skips for a key that is free", "CC-1", "store/settle-overflows.ts", [
    "    return overflowing(held, scopes).map((overflow) => ({ ...overflow, project: row.project }));",
    '    const keyed = scopes.find(({ overflow }) => overflow === "skip");\n    if (keyed !== undefined) return [{ laneId: row.id, scope: keyed.name, kind: "skip", waiting: 1, project: row.project }];\n    return overflowing(held, scopes).map((overflow) => ({ ...overflow, project: row.project }));',
  ]),
  mutant("a run begins without a place", "I24", "core/run-admission.ts", [
    "Math.max(maxRuns - running, 0)",
    "Math.max(maxRuns + 1 - running, 0)",
  ]),
  mutant("the newest run begins first", "CC-2", "store/sqlite/admission-rows.ts", [
    "order by key limit ?`;",
    "order by key desc limit ?`;",
  ]),
  mutant("nothing waits for the past", "CC-6", "core/node-decision.ts", [
    'this.path === "" && this.#pipeline.tasks[this.index]?.dependsOnPast === true',
    'this.path !== "" && this.#pipeline.tasks[this.index]?.dependsOnPast === true',
  ]),
  mutant("a failed past is as good", "CC-6", "store/release-past.ts", [
    'return row.state === "success" || row.state === "skipped";',
    'return row.state !== "running" && row.state !== "deferred";',
  ]),
];
