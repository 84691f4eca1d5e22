import { expect, test } from "vitest";
import type { RunId, RunStart } from "../store/store.ts";
import { RUN } from "./run-for-tests.ts";
import { RunStarts } from "./run-starts.ts";

test("runs that are asked for in the same breath are read together, later ones on their own", async () => {
  const store = new StartStore();
  const starts = new RunStarts(store);
  const found = await Promise.all(["a", "b", "a", "unknown"].map((id) => starts.of(id)));
  expect(found.map((start) => start?.run.id)).toEqual(["a", "b", "a", undefined]);
  await starts.of("c");
  expect(store.asked).toEqual([["a", "b", "unknown"], ["c"]]);
});

test("what could not be read is told to all who asked, and read at the next asking", async () => {
  const store = new StartStore();
  const starts = new RunStarts(store);
  store.isDown = true;
  const told = await Promise.allSettled([starts.of("a"), starts.of("b")]);
  expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  store.isDown = false;
  expect((await starts.of("a"))?.run.id).toBe("a");
});

class StartStore {
  readonly asked: (readonly RunId[])[] = [];
  isDown = false;

  async runStarts(ids: readonly RunId[]): Promise<readonly RunStart[]> {
    this.asked.push(ids);
    if (this.isDown) throw new Error("down");
    return ids.filter((id) => id !== "unknown").map((id) => ({ run: { ...RUN, id } }));
  }
}
