import { expect, test } from "vitest";
import type { AttemptKey, LeaseRecord } from "../store/store.ts";
import { type AttemptStop, Canceller } from "./canceller.ts";

const HELD: readonly AttemptKey[] = [
  { taskRunKey: 1, token: 4 },
  { taskRunKey: 2, token: 1 },
  { taskRunKey: 3, token: 1 },
];

test("RS-7: attempts whose lease says so are stopped, killed ones at once, and the others go on", async () => {
  const leases: readonly LeaseRecord[] = [
    { taskRunKey: 1, token: 4, stop: { kind: "cancel", message: "Cancelled by anna." } },
    { taskRunKey: 2, token: 1, stop: { kind: "kill", message: "Killed by anna." } },
    { taskRunKey: 3, token: 1 },
  ];
  expect(await stopsAfter(HELD, async () => leases)).toEqual([
    { taskRunKey: 1, token: 4, now: false },
    { taskRunKey: 2, token: 1, now: true },
  ]);
});

test("I06: an attempt whose lease is gone, or another's by now, is killed", async () => {
  expect(await stopsAfter(HELD, async () => [{ taskRunKey: 1, token: 5 }, HELD[1] ?? fail()])).toEqual([
    { taskRunKey: 1, token: 4, now: true },
    { taskRunKey: 3, token: 1, now: true },
  ]);
});

test("an attempt that is claimed while the leases are read is not taken for one whose lease is gone", async () => {
  const held: AttemptKey[] = [{ taskRunKey: 1, token: 1 }];
  const stops = await stopsAfter(held, async () => {
    held.push({ taskRunKey: 2, token: 1 });
    return [{ taskRunKey: 1, token: 1 }];
  });
  expect(stops).toEqual([]);
});

async function stopsAfter(held: readonly AttemptKey[], leasesOf: () => Promise<readonly LeaseRecord[]>) {
  const stopped: AttemptStop[] = [];
  const holder = { inHand: () => [...held], stop: (stops: readonly AttemptStop[]) => void stopped.push(...stops) };
  const canceller = new Canceller({ leasesOf }, "session-1", holder, 250);
  expect(await canceller.poll()).toBe(250);
  return stopped;
}

function fail(): never {
  throw new Error("No such attempt");
}
