import fc from "fast-check";
import { expect, test } from "vitest";
import { type GroupCommitOptions, GroupCommitter } from "./group-commit.ts";

test("a lone request goes at once; those that arrive meanwhile ride together in the next", async () => {
  const { committer, batches, finishNext } = setup();
  const first = committer.submit(1);
  const rest = [2, 3, 4].map((item) => committer.submit(item));
  expect(batches).toEqual([[1]]);
  await finishNext();
  expect(await first).toBe("done 1");
  expect(batches).toEqual([[1], [2, 3, 4]]);
  await finishNext();
  expect(await Promise.all(rest)).toEqual(["done 2", "done 3", "done 4"]);
});

test("a batch holds no more than its limit", async () => {
  const { committer, batches, finishNext } = setup({ batchMax: 2 });
  const all = [1, 2, 3, 4, 5, 6].map((item) => committer.submit(item));
  for (let flush = 0; flush < 4; flush++) await finishNext();
  await Promise.all(all);
  expect(batches).toEqual([[1], [2, 3], [4, 5], [6]]);
});

test("what does not fit into the queue is refused at once, and the rest goes on", async () => {
  const { committer, finishNext } = setup({ queueMax: 2 });
  const taken = [committer.submit(1), committer.submit(2), committer.submit(3)];
  await expect(committer.submit(4)).rejects.toMatchObject({ code: "store_unreachable" });
  await finishNext();
  await finishNext();
  expect(await Promise.all(taken)).toEqual(["done 1", "done 2", "done 3"]);
});

test("an outage is told to all of a batch at once, and the next batch is tried anew", async () => {
  const { committer, batches, failNext, finishNext } = setup({ isOutage: () => true });
  const first = committer.submit(1);
  const later = committer.submit(2);
  const alsoLater = committer.submit(3);
  await finishNext();
  await first;
  await failNext(new Error("gone"));
  await expect(later).rejects.toThrow("gone");
  await expect(alsoLater).rejects.toThrow("gone");
  const next = committer.submit(4);
  await finishNext();
  expect(await next).toBe("done 4");
  expect(batches).toEqual([[1], [2, 3], [4]]);
});

test("it is drained when nothing waits and nothing is under way", async () => {
  const { committer, finishNext } = setup();
  await committer.drained();
  const results = [committer.submit(1), committer.submit(2)];
  let isDrained = false;
  const drained = committer.drained().then(() => {
    isDrained = true;
  });
  await finishNext();
  expect(isDrained).toBe(false);
  await finishNext();
  await drained;
  await Promise.all(results);
});

test("a bad item never poisons its batch: it alone is rejected, whatever stands beside it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      async (bad, batchMax) => {
        const committed: number[] = [];
        const committer = new GroupCommitter<number, number>({
          batchMax,
          queueMax: 1_000,
          isOutage: () => false,
          commit: async (items) => {
            const wrong = items.find((item) => bad[item]);
            if (wrong !== undefined) throw new Error(`bad ${wrong}`);
            committed.push(...items);
            return items.map((item) => item * 2);
          },
        });
        const answers = await Promise.allSettled(bad.map((_, index) => committer.submit(index)));
        answers.forEach((answer, index) => {
          if (bad[index]) expect(answer).toMatchObject({ status: "rejected", reason: { message: `bad ${index}` } });
          else expect(answer).toEqual({ status: "fulfilled", value: index * 2 });
        });
        expect(committed).toEqual([...bad.keys()].filter((index) => !bad[index]));
      },
    ),
  );
});

/** A committer whose transactions end when the test says so. */
function setup(options: Partial<GroupCommitOptions<number, string>> = {}) {
  const batches: (readonly number[])[] = [];
  const pending: { finish: () => void; fail: (error: Error) => void }[] = [];
  const committer = new GroupCommitter<number, string>({
    batchMax: 100,
    queueMax: 100,
    isOutage: () => false,
    commit: (items) =>
      new Promise((resolve, reject) => {
        batches.push(items);
        pending.push({ finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject });
      }),
    ...options,
  });
  const settled = async (act: (transaction: (typeof pending)[number]) => void): Promise<void> => {
    const transaction = pending.shift();
    if (transaction === undefined) throw new Error("No transaction is under way");
    act(transaction);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    committer,
    batches,
    finishNext: () => settled(({ finish }) => finish()),
    failNext: (error: Error) => settled(({ fail }) => fail(error)),
  };
}
