import { expect, test } from "vitest";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { SessionKeeper } from "./session-keeper.ts";

const LEASE_MS = 9_000;

test("the lease is renewed at a third of its length", async () => {
  const { keeper } = setup(async () => ({ alive: true }));
  expect(await keeper.poll()).toBe(3_000);
});

test("a keeper that cannot renew gives up two seconds before the lease ends, by the monotonic clock (I06)", async () => {
  const { clock, keeper, lost } = setup(() => Promise.reject(new Error("no route to the database")));
  clock.advanceBy(6_999);
  await keeper.poll();
  expect(lost).toEqual([]);
  clock.advanceBy(1);
  await keeper.poll();
  expect(lost).toEqual([7_000]);
});

test("B19: a keeper that hears nothing gives up as well, without the answer", async () => {
  const { clock, keeper, lost } = setup(() => new Promise(() => {}));
  const polled = keeper.poll();
  clock.advanceBy(6_999);
  expect(lost).toEqual([]);
  clock.advanceBy(1);
  await polled;
  expect(lost).toEqual([7_000]);
});

test("a question that comes late is asked all the same, and may be answered in time", async () => {
  const { clock, keeper, lost } = setup(async () => ({ alive: true }));
  clock.advanceBy(60_000);
  expect(await keeper.poll()).toBe(3_000);
  expect(lost).toEqual([]);
});

test("after a slow answer the lease is renewed again at once (I06)", async () => {
  const { clock, keeper, setAnswer } = setup(async () => ({ alive: true }));
  setAnswer(async () => {
    clock.advanceBy(5_000);
    return { alive: true };
  });
  expect(await keeper.poll()).toBe(0);
});

test("a slow answer counts from when it was asked for", async () => {
  const { clock, keeper, lost, setAnswer } = setup(async () => ({ alive: true }));
  setAnswer(async () => {
    clock.advanceBy(5_000);
    return { alive: true };
  });
  await keeper.poll();
  setAnswer(() => Promise.reject(new Error("gone")));
  clock.advanceBy(2_000);
  await keeper.poll();
  expect(lost).toEqual([7_000]);
});

test("a session that was reaped is given up at once, and only once", async () => {
  const { keeper, lost } = setup(async () => ({ alive: false }));
  await keeper.poll();
  await keeper.poll();
  expect(lost).toEqual([0]);
});

function setup(first: () => Promise<{ alive: boolean }>) {
  let answer = first;
  const clock = new VirtualClock(0);
  const keeper = new SessionKeeper({ renewSession: () => answer() }, "session", LEASE_MS, clock);
  const lost: number[] = [];
  keeper.onLost = () => lost.push(clock.mono());
  return { clock, keeper, lost, setAnswer: (next: typeof first) => (answer = next) };
}
