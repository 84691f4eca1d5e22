import { expect, test } from "vitest";
import type { SessionRecord } from "../store/store.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { OwnerProcesses } from "./owner-processes.ts";
import { Reaper } from "./reaper.ts";

test("an owner that is gone from this host is reaped at once, after its left-over processes were ended", async () => {
  const { reaper, happened } = setup({ gone: "gone" });
  await reaper.poll();
  expect(happened).toEqual(["end left-overs of gone", "reap gone"]);
});

test("an owner that lives on this host is never reaped, however long it has not renewed", async () => {
  const { clock, reaper, happened } = setup({ busy: "alive" });
  await pollFor(reaper, clock, 60);
  expect(happened).toEqual([]);
});

test("the reaper spares its own session", async () => {
  const { reaper, happened } = setup({ own: "gone" });
  await reaper.poll();
  expect(happened).toEqual([]);
});

test("a session elsewhere is reaped only after a full lease of the reaper's own observation", async () => {
  const { clock, reaper, happened } = setup({ far: "elsewhere" });
  await pollFor(reaper, clock, 9);
  expect(happened).toEqual([]);
  await pollFor(reaper, clock, 2);
  expect(happened).toContain("reap far");
});

test("a reaper that was away itself counts anew", async () => {
  const { clock, reaper, happened } = setup({ far: "elsewhere" });
  await pollFor(reaper, clock, 8);
  clock.advanceBy(60_000);
  await reaper.poll();
  expect(happened).toEqual([]);
});

test("a session that renews in between is spared", async () => {
  const { clock, reaper, happened, sessions } = setup({ far: "elsewhere" });
  await pollFor(reaper, clock, 8);
  sessions.splice(0, 1, { ...session("far"), renewedAt: 8_000 });
  await pollFor(reaper, clock, 8);
  expect(happened).toEqual([]);
});

async function pollFor(reaper: Reaper, clock: VirtualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await reaper.poll();
    clock.advanceBy(1_000);
  }
}

function setup(states: Record<string, "alive" | "gone" | "elsewhere">) {
  const clock = new VirtualClock(0);
  const happened: string[] = [];
  const sessions = Object.keys(states).map(session);
  const store = {
    sessions: async () => sessions,
    reapSessions: async (ids: readonly string[]) => {
      happened.push(`reap ${ids.join(", ")}`);
      return [];
    },
  };
  const processes: OwnerProcesses = {
    stateOf: (process) => states[process.hostname] ?? "elsewhere",
    endLeftOvers: async ({ id }) => void happened.push(`end left-overs of ${id}`),
  };
  return { clock, happened, sessions, reaper: new Reaper(store, { id: "own", leaseMs: 10_000 }, processes, clock) };
}

function session(id: string): SessionRecord {
  return {
    id,
    project: "test",
    role: "run",
    process: { hostname: id, hostId: "host", pid: 1, startTime: "1" },
    leaseMs: 10_000,
    runs: [],
    openedAt: 0,
    renewedAt: 0,
  };
}
