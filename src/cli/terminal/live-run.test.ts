import { describe, expect, it } from "vitest";
import type { TaskRunState } from "../../core/state.ts";
import type { EventRecord } from "../../store/store.ts";
import { aPipeline, aRun, aTaskRun, RecordedOutput } from "../rows-for-tests.ts";
import { RunProgress } from "../run-progress.ts";
import { LiveRun } from "./live-run.ts";
import { textWidth } from "./text-width.ts";

const T0 = Date.UTC(2026, 0, 3);
const DIAMOND = aPipeline({ start: [], left: ["start"], right: ["start"], end: ["left", "right"] });

describe("LiveRun", () => {
  it("draws the graph with states, times and reasons", () => {
    const { live, progress } = setup();
    progress.apply(taskEvent(0, "running", T0));
    progress.apply(taskEvent(0, "success", T0 + 1_200));
    progress.apply(taskEvent(1, "running", T0 + 1_200));
    progress.apply(taskEvent(2, "running", T0 + 1_200));
    progress.apply({
      ...taskEvent(2, "retrying", T0 + 2_000, { dueAt: T0 + 32_000, message: "the bank\nsaid \u001b[31mno" }),
    });
    expect(live.lines(progress, T0 + 5_000, new RecordedOutput())).toEqual([
      "daily_sales_report  2026-01-02  run 0199a1b2-c3d4  5.0 s",
      "✔   start  1.2 s",
      "├─╮",
      "│ ● left   3.8 s",
      "↻ │ right  attempt 1 of 1 failed · again in 27 s · the bank said no",
      "├─╯",
      "·   end",
      "1/4 done · 1 running · 1 retrying",
    ]);
  });

  it("is never wider than the terminal, however long names and messages are", () => {
    const { live, progress } = setup();
    progress.apply(taskEvent(0, "failed", T0, { message: "表".repeat(300) }));
    for (const columns of [20, 33, 80]) {
      for (const color of [true, false]) {
        const lines = live.lines(progress, T0, new RecordedOutput({ columns, color }));
        for (const line of lines) expect(textWidth(line)).toBeLessThan(columns);
      }
    }
  });

  it("leaves the edges out when the terminal is too short for them, then the tasks that do not matter", () => {
    const { live, progress } = setup();
    progress.apply(taskEvent(3, "failed", T0, { message: "no" }));
    progress.apply(taskEvent(1, "running", T0));
    const short = live.lines(progress, T0, new RecordedOutput({ rows: 7 }));
    expect(short.slice(1, -1)).toEqual(["· start", "● left   0 ms", "· right", "✖ end    no"]);
    const shorter = live.lines(progress, T0, new RecordedOutput({ rows: 5 }));
    expect(shorter.slice(1, -1)).toEqual(["✖ end    no", "● left   0 ms"]);
  });

  it("sums 10,000 tasks up and shows those that fail or run", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => [`task_${index}`, []] as const);
    const pipeline = aPipeline(Object.fromEntries(names));
    const { live, progress } = setup(pipeline);
    for (let task = 0; task < 5_000; task++) progress.apply(taskEvent(task, "success", T0));
    for (let task = 5_000; task < 5_100; task++) progress.apply(taskEvent(task, "running", T0));
    progress.apply(taskEvent(7_000, "failed", T0, { message: "boom" }));
    const lines = live.lines(progress, T0, new RecordedOutput({ rows: 12 }));
    expect(lines).toHaveLength(11);
    expect(lines[1]).toBe("✖ task_7000  boom");
    expect(lines[2]).toBe("● task_5000  0 ms");
    expect(lines.at(-1)).toBe("5,001/10,000 done · 100 running · 1 failed");
  });

  it("shows the attempts of a task that runs again, and counts the time of the newest alone", () => {
    const { live, progress } = setup(
      aPipeline({ only: [] }, { retries: { limit: 2, delay: { kind: "fixed", ms: 0 }, jitter: 0 } }),
    );
    progress.apply(taskEvent(0, "running", T0));
    progress.apply(taskEvent(0, "retrying", T0 + 500));
    progress.apply(taskEvent(0, "queued", T0 + 1_000));
    progress.apply(taskEvent(0, "running", T0 + 1_000, { attempt: 2 }));
    expect(live.lines(progress, T0 + 3_000, new RecordedOutput())[1]).toBe("● only  2.0 s · attempt 2 of 3");
    progress.apply(taskEvent(0, "success", T0 + 4_000, { attempt: 2 }));
    expect(live.lines(progress, T0 + 9_000, new RecordedOutput())[1]).toBe("✔ only  3.0 s · 2 attempts");
  });
});

function setup(pipeline = DIAMOND): { live: LiveRun; progress: RunProgress } {
  const included = [...pipeline.tasks.keys()];
  const title = { pipeline: pipeline.name, ds: "2026-01-02", shortId: "0199a1b2-c3d4" };
  return {
    live: new LiveRun(pipeline, included, title),
    progress: new RunProgress(
      "running",
      included.map((index) => aTaskRun(index)),
      T0,
    ),
  };
}

function taskEvent(
  taskIndex: number,
  to: TaskRunState,
  at: number,
  parts: { readonly attempt?: number; readonly dueAt?: number; readonly message?: string } = {},
): EventRecord {
  const body = {
    kind: "task_state",
    taskIndex,
    mapKey: "",
    from: "queued",
    to,
    generation: 1,
    attempt: 1,
    token: 1,
    ...parts,
  } as const;
  return { cursor: String(at), at, runId: aRun().id, body };
}
