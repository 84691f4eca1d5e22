import { expect, test } from "vitest";
import { BatutaError } from "../core/problem.ts";
import { delayBefore } from "../core/retry-policy.ts";
import { delays, exponential, fixed } from "./retries.ts";

test("RT-1: exponential delays are first·factor^(n−1), capped by max", () => {
  const { policy } = exponential({ limit: 4, first: "30s", factor: 2 });
  expect([1, 2, 3, 4].map((retry) => delayBefore(policy, retry))).toEqual([30_000, 60_000, 120_000, 240_000]);
  const capped = exponential({ limit: 9, first: "1s", factor: 10, max: "5s" }).policy;
  expect([1, 2, 3].map((retry) => delayBefore(capped, retry))).toEqual([1_000, 5_000, 5_000]);
});

test("RT-1: fixed delays stay, listed ones repeat the last and set the limit", () => {
  expect(fixed({ limit: 3, delay: "0s" }).policy).toMatchObject({ limit: 3, delay: { kind: "fixed", ms: 0 } });
  const { policy } = delays(["500ms", "1s"]);
  expect(policy.limit).toBe(2);
  const longer = delays(["500ms", "1s"], { limit: 4 }).policy;
  expect([1, 2, 3, 4].map((retry) => delayBefore(longer, retry))).toEqual([500, 1_000, 1_000, 1_000]);
});

test("a delay function is kept beside a policy that holds when nobody can ask it", () => {
  const retries = delays(({ attempt }) => `${attempt}m`, { limit: 5, jitter: 0 });
  expect(retries.delayOf?.({ reason: "error", message: "", attempt: 2 })).toBe("2m");
  expect(retries.policy).toMatchObject({
    limit: 5,
    jitter: 0,
    delay: { kind: "exponential", firstMs: 30_000, factor: 2 },
  });
});

test("RT-2: jitter is 10 % unless said otherwise", () => {
  expect(exponential({ limit: 1 }).policy.jitter).toBe(0.1);
  expect(exponential({ limit: 1, jitter: 0 }).policy.jitter).toBe(0);
});

test("retryOn keeps exit codes and error names", () => {
  const retryOn = { exitCodes: [75], errors: ["TimeoutError"] };
  expect(fixed({ limit: 1, delay: "1s", retryOn }).policy.retryOn).toEqual(retryOn);
});

test.each([
  [() => exponential({} as never), /retry limit is undefined/],
  [() => exponential({ limit: -1 }), /retry limit is -1/],
  [() => exponential({ limit: 1_001 }), /retry limit is 1001/],
  [() => exponential({ limit: 1, factor: 0.5 }), /factor 0.5/],
  [() => exponential({ limit: 1, first: "x" }), /`first` of exponential\(…\) "x"/],
  [() => exponential({ limit: 1, frist: "1s" } as never), /`frist`/],
  [() => exponential({ limit: 1, jitter: 2 }), /`jitter` is 2/],
  [() => fixed({ limit: 1 } as never), /`delay` of fixed/],
  [() => fixed({ limit: 1, delay: "1s", retryOn: { exitCodes: ["1"] as never } }), /`retryOn` takes lists/],
  [() => fixed({ limit: 1, delay: "1s", retryOn: { codes: [] } as never }), /`codes` of `retryOn`/],
  [() => delays([]), /at least one delay/],
  [() => delays(["1s", "y"]), /Delay 2 of delays\(…\) "y"/],
  [() => delays(() => 1, {} as never), /retry limit is undefined/],
])("wrong retries are an error with place and hint: %s", (make, message) => {
  let thrown: unknown;
  try {
    make();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BatutaError);
  expect(thrown).toMatchObject({
    code: "invalid_definition",
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
    location: { file: expect.stringMatching(/retries\.test\.ts$/) },
  });
});
