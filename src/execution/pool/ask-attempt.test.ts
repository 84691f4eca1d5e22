import { expect, test } from "vitest";
import { setupExecutor, shellTask } from "../executor-for-tests.ts";

const CACHE = { cache: { key: "function" } } as const;

test("a key function is asked alone, for functions and commands, and the work is not done", async () => {
  const { result, log } = setupExecutor({
    rates: { run: "() => { throw new Error('ran') }", ...CACHE, cacheKey: "async ({ ds }) => ({ day: ds })" },
    shelled: { ...shellTask("exit 3"), ...CACHE, cacheKey: "() => { console.log('asked'); return [1]; }" },
  });
  expect(await result("rates", { askOnly: true })).toEqual({ kind: "asked", cacheKey: { day: "2026-01-01" } });
  expect(await result("shelled", { askOnly: true })).toEqual({ kind: "asked", cacheKey: [1] });
  expect(log("shelled")).toEqual(["asked"]);
});

test("runIf and doneWhen come before the key, and what they end has no key", async () => {
  const cacheKey = "() => { throw new Error('asked') }";
  const { result } = setupExecutor({
    idle: { run: "() => 1", ...CACHE, cacheKey, runIf: "() => false" },
    done: { run: "() => 1", ...CACHE, cacheKey, doneWhen: "() => true" },
    plain: { run: "() => 1", cache: { key: "inputs" }, runIf: "() => true" },
  });
  const order = { askOnly: true, askFirst: true } as const;
  expect(await result("idle", order)).toEqual({ kind: "skipped", reason: "run_if" });
  expect(await result("done", order)).toEqual({ kind: "success", reason: "done_when" });
  expect(await result("plain", order)).toEqual({ kind: "asked" });
});

test.each([
  ["() => { throw new Error('no table') }", /no table \(pipelines\/sample\.ts:\d+\)/],
  ["() => undefined", /returned undefined/],
  ["() => 10n", /BigInt/i],
  ["() => process.exit(3)", /exit code 3/],
])("the key function %s gives no key, and says why", async (cacheKey, problem) => {
  const { result } = setupExecutor({ rates: { run: "() => 1", ...CACHE, cacheKey } });
  expect(await result("rates", { askOnly: true })).toEqual({
    kind: "asked",
    problem: expect.stringMatching(problem),
  });
});

test("a note is the first line of the attempt's log", async () => {
  const { result, log } = setupExecutor({ a: "() => console.log('works')", b: shellTask("echo works") });
  for (const task of ["a", "b"]) {
    await result(task, { note: "The result cache was passed by." });
    expect(log(task)).toEqual(["The result cache was passed by.", "works"]);
  }
});

test("asking is ended by a stop, as the attempt would be", async () => {
  const cacheKey = "() => { console.log('asking'); return new Promise(() => {}); }";
  const { executor, order, said } = setupExecutor({ rates: { run: "() => 1", ...CACHE, cacheKey } });
  const asking = order("rates", { askOnly: true });
  const report = executor.execute(asking);
  await said("asking");
  executor.stop(asking, { now: false });
  expect((await report).result).toMatchObject({ kind: "cancelled" });
});
