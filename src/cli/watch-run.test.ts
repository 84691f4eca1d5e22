import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { systemClock } from "../ports/clock.ts";
import type { EventPage, EventRecord, Store } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { aPipeline, aRun, aTaskRun, RecordedOutput } from "./rows-for-tests.ts";
import { watchRun } from "./watch-run.ts";

const PIPELINE = aPipeline({ each: [] });

it("keeps no event of a run after it has been shown, however many there are", async () => {
  const seen: WeakRef<EventRecord>[] = [];
  const held: boolean[] = [];
  const pageOf = async (number: number): Promise<EventPage> => {
    if (number === PAGES) return { events: [ended()], cursor: "end" };
    await new Promise<void>((resolve) => systemClock.soon(resolve));
    collectGarbage();
    // The page before this one may still be in somebody's hands.
    held.push(...seen.slice(0, -1).map((ref) => ref.deref() !== undefined));
    const event = running(number);
    seen.push(new WeakRef(event));
    return { events: [event], cursor: String(number) };
  };
  let page = 0;
  const store: Pick<Store, "events" | "taskRuns"> = {
    taskRuns: async () => [aTaskRun(0)],
    events: () => pageOf(page++),
  };
  const err = new RecordedOutput({ isTty: false });
  await watchRun(quietCli(err), store, { run: aRun(), pipeline: PIPELINE }, new Promise(() => {}));
  expect(held.length).toBeGreaterThan(PAGES);
  expect(held.filter(Boolean)).toEqual([]);
});

it("ends early when it is told to, also while nothing happens", async () => {
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  const store: Pick<Store, "events" | "taskRuns"> = {
    taskRuns: async () => [aTaskRun(0)],
    events: async () => {
      resolve();
      return new Promise<EventPage>(() => {});
    },
  };
  const err = new RecordedOutput({ isTty: false });
  await expect(watchRun(quietCli(err), store, { run: aRun(), pipeline: PIPELINE }, stop)).resolves.toBeUndefined();
});

const PAGES = 6;

function running(number: number): EventRecord {
  const body = { kind: "task_state", taskIndex: 0, mapKey: "", from: "queued", to: "running", token: 1 } as const;
  return { cursor: String(number), at: number, runId: aRun().id, body: { ...body, attempt: number, generation: 1 } };
}

function ended(): EventRecord {
  return { cursor: "end", at: PAGES, runId: aRun().id, body: { kind: "run_state", from: "running", to: "success" } };
}

function quietCli(err: RecordedOutput): Cli {
  return {
    out: new RecordedOutput({ isTty: false }),
    err,
    // The pages are not full: the pause between two looks is no part of what is tested.
    clock: { ...systemClock, after: (_, callback) => systemClock.after(0, callback) },
    globals: { json: false, quiet: false },
    env: {},
    workingFolder: "/",
    note: () => {},
    warn: () => {},
    tellThrough: () => {},
  };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") gc();
}
