import { expect, test } from "vitest";
import type { PastSuccess } from "../core/past-success.ts";
import { PastSuccesses } from "./past-successes.ts";
import { RUN } from "./run-for-tests.ts";

test("TI-2: all tasks of a run see the same success before it, and those of a re-run what has come since", async () => {
  const store = new SuccessStore();
  const past = new PastSuccesses(store);
  expect(await past.before(RUN, 1)).toMatchObject({ runId: "success-1" });
  store.number = 2;
  expect(await Promise.all([past.before(RUN, 1), past.before(RUN, 1)])).toMatchObject([
    { runId: "success-1" },
    { runId: "success-1" },
  ]);
  expect(await past.before(RUN, 2)).toMatchObject({ runId: "success-2" });
  expect(await past.before({ ...RUN, id: "other" }, 1)).toMatchObject({ runId: "success-2" });
  expect(store.reads).toBe(3);
});

test("TI-2: what was read with a run stands for its generation, unless something was known before", async () => {
  const store = new SuccessStore();
  const past = new PastSuccesses(store);
  past.know(RUN.id, 1, undefined);
  expect(await past.before(RUN, 1)).toBeUndefined();
  expect(await past.before(RUN, 2)).toMatchObject({ runId: "success-1" });
  past.know(RUN.id, 2, undefined);
  expect(await past.before(RUN, 2)).toMatchObject({ runId: "success-1" });
  expect(store.reads).toBe(1);
});

test("what could not be read is asked for again", async () => {
  const store = new SuccessStore();
  const past = new PastSuccesses(store);
  store.isDown = true;
  await expect(past.before(RUN, 1)).rejects.toThrow("down");
  store.isDown = false;
  expect(await past.before(RUN, 1)).toMatchObject({ runId: "success-1" });
});

class SuccessStore {
  number = 1;
  reads = 0;
  isDown = false;

  async pastSuccess(): Promise<PastSuccess> {
    this.reads += 1;
    if (this.isDown) throw new Error("down");
    const interval = { start: 0, end: 1 };
    return { runId: `success-${this.number}`, interval, ds: "1970-01-01", startedAt: 2, finishedAt: 3 };
  }
}
