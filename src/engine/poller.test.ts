import { expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Poller } from "./poller.ts";
import type { Duty, DutyProblem } from "./service.ts";
import { serviceConformance } from "./service-conformance.ts";

serviceConformance("a poller", () => setup(async () => 10).poller);

test("a duty is called at once, and then when it asked to be", async () => {
  const { clock, poller, calls } = setup(async () => 1_000);
  await poller.start();
  await turn(clock);
  expect(calls).toEqual([0]);
  await advance(clock, 999);
  expect(calls).toEqual([0]);
  await advance(clock, 1);
  expect(calls).toEqual([0, 1_000]);
});

test("a wake brings the next turn forward, and a later one does not push it back", async () => {
  const { clock, poller, calls } = setup(async () => 1_000);
  await poller.start();
  await turn(clock);
  poller.wakeIn(50);
  poller.wakeIn(500);
  await advance(clock, 50);
  expect(calls).toEqual([0, 50]);
});

test("a wake during a turn means one more turn, not two and not none", async () => {
  let wakes = 0;
  const { clock, poller, calls } = setup(async () => {
    if (wakes < 1) {
      wakes += 1;
      poller.wake();
      poller.wake();
    }
    return 1_000;
  });
  await poller.start();
  await turn(clock);
  expect(calls).toEqual([0, 0]);
});

test("a turn that throws never ends the loop: it is told, and tried again later and later (B30)", async () => {
  const problems: DutyProblem[] = [];
  const { clock, poller, calls } = setup(async () => Promise.reject(new Error("deadlock")), problems);
  await poller.start();
  await turn(clock);
  await advance(clock, 100);
  await advance(clock, 200);
  expect(calls).toEqual([0, 100, 300]);
  expect(problems.map((problem) => [problem.duty, problem.failures, problem.retryInMs])).toEqual([
    ["test", 1, 100],
    ["test", 2, 200],
    ["test", 3, 400],
  ]);
});

test("after stop there is no turn any more, whatever was planned", async () => {
  const { clock, poller, calls } = setup(async () => 10);
  await poller.start();
  await turn(clock);
  await poller.stop();
  poller.wake();
  await advance(clock, 1_000);
  expect(calls).toEqual([0]);
});

function setup(poll: () => Promise<number>, problems: DutyProblem[] = []) {
  const clock = new VirtualClock(0);
  const calls: number[] = [];
  const duty: Duty = {
    name: "test",
    poll: () => {
      calls.push(clock.mono());
      return poll();
    },
  };
  return { clock, calls, poller: new Poller(duty, clock, (problem) => problems.push(problem)) };
}

async function advance(clock: VirtualClock, ms: number): Promise<void> {
  clock.advanceBy(ms);
  await turn(clock);
}

/** Lets everything that can happen without time happen. */
async function turn(clock: VirtualClock): Promise<void> {
  for (let round = 0; round < 10; round++) {
    clock.runSoon();
    await new Promise<void>((resolve) => systemClock.soon(resolve));
  }
}
