import { tmpdir } from "node:os";
import type { TaskContext } from "../sdk/task-context.ts";
import type { TaskKind } from "../sdk/task-kind.ts";

/** The context of a run on 2024-01-02 in UTC, with whatever a test needs to be different. */
export function contextForTests(changes: Partial<TaskContext> = {}): TaskContext {
  const ignore = (): void => undefined;
  return {
    input: {},
    params: {},
    interval: { start: new Date("2024-01-02T00:00:00Z"), end: new Date("2024-01-03T00:00:00Z") },
    ds: "2024-01-02",
    timezone: "UTC",
    prev: {},
    next: {},
    run: { id: "01", pipeline: "sales", trigger: "manual" },
    events: [],
    task: { name: "load", mapKey: "" },
    attempt: 1,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    signal: new AbortController().signal,
    idempotencyKey: "key",
    connections: {},
    projectDir: tmpdir(),
    tempDir: tmpdir(),
    ...changes,
  };
}

/** Runs a kind that is a function, as a task process would. */
export async function runKind<T>(kind: TaskKind<T>, context: TaskContext = contextForTests()): Promise<unknown> {
  if (kind.work.via !== "function") throw new Error(`${kind.kind} is no function.`);
  return kind.work.run(context);
}

/** What throws, or rejects, as an error; a test fails when nothing is thrown. */
export async function thrownBy(work: () => unknown): Promise<Error & { readonly hint?: string }> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}
