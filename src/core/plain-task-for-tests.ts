import type { TaskSpec } from "./manifest.ts";

/** A task of which nothing was said but its name. A test adds what matters to it: a new field of tasks is added here. */
export function plainTask(name: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return {
    name,
    location: { file: "pipelines/sample.ts", line: 1 },
    kind: "function",
    execution: { via: "function" },
    upstream: [],
    input: {},
    when: "all_success",
    retries: { limit: 0, delay: { kind: "fixed", ms: 0 }, jitter: 0 },
    hasRetryCode: false,
    hasDoneWhen: false,
    lostLimit: 3,
    graceMs: 10_000,
    queue: "default",
    priority: 0,
    allowFailure: false,
    inputs: [],
    outputs: [],
    connections: [],
    ...more,
  };
}
