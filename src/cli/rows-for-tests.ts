import picocolors from "picocolors";
import type { PipelineSpec, TaskSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import { NO_UPSTREAM } from "../core/trigger-rule.ts";
import type { AttemptRecord, RunRecord, TaskRunRecord } from "../store/store.ts";
import type { Output } from "./terminal/output.ts";

/** Rows and specifications for tests of what the command line shows: name only what matters, the rest is plain. */
export function aPipeline(
  graph: Readonly<Record<string, readonly string[]>>,
  tasks: Partial<TaskSpec> = {},
): PipelineSpec {
  const names = Object.keys(graph);
  return {
    name: "daily_sales_report",
    location: { file: "pipelines/sales.ts", line: 3 },
    tags: [],
    timezone: "UTC",
    graphHash: "0".repeat(64),
    tasks: names.map((name) =>
      aTask(
        name,
        (graph[name] ?? []).map((upstream) => names.indexOf(upstream)),
        tasks,
      ),
    ),
  };
}

function aTask(name: string, upstream: readonly number[], parts: Partial<TaskSpec>): TaskSpec {
  return plainTask(name, { location: { file: "pipelines/sales.ts", line: 5 }, upstream, ...parts });
}

export function aRun(parts: Partial<RunRecord> = {}): RunRecord {
  return {
    id: "0199a1b2-c3d4-7000-8000-000000000001",
    project: "shop",
    pipeline: "daily_sales_report",
    versionHash: "f".repeat(64),
    trigger: "manual",
    interval: { start: Date.UTC(2026, 0, 2), end: Date.UTC(2026, 0, 3) },
    timezone: "UTC",
    ds: "2026-01-02",
    params: {},
    requestKey: "k",
    actor: "me",
    state: "running",
    createdAt: Date.UTC(2026, 0, 3),
    startedAt: Date.UTC(2026, 0, 3),
    unfinished: 1,
    failing: 0,
    ...parts,
  };
}

export function aTaskRun(taskIndex: number, parts: Partial<TaskRunRecord> = {}): TaskRunRecord {
  return {
    key: taskIndex + 1,
    runId: aRun().id,
    taskIndex,
    mapKey: "",
    state: "scheduled",
    generation: 1,
    attempt: 0,
    token: 0,
    lost: 0,
    upstream: NO_UPSTREAM,
    laneId: 1,
    ...parts,
  };
}

export function anAttempt(taskIndex: number, parts: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    taskIndex,
    mapKey: "",
    generation: 1,
    attempt: 1,
    token: 1,
    sessionId: "s",
    startedAt: Date.UTC(2026, 0, 3),
    finishedAt: Date.UTC(2026, 0, 3) + 1_500,
    outcome: "success",
    ...parts,
  };
}

/** A stream that keeps what is written to it. */
export class RecordedOutput implements Output {
  readonly isTty: boolean;
  columns: number;
  rows: number;
  readonly colors;
  readonly closed = false;
  text = "";

  constructor({ isTty = true, columns = 100, rows = 30, color = false } = {}) {
    this.isTty = isTty;
    this.columns = columns;
    this.rows = rows;
    this.colors = picocolors.createColors(color);
  }

  write(text: string): void {
    this.text += text;
  }

  async flushed(): Promise<void> {}
}
