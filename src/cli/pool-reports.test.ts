import { expect, test } from "vitest";
import type { Hold } from "../core/lane.ts";
import type { LaneRecord } from "../store/limit-records.ts";
import { poolReports } from "./pool-reports.ts";

const AT = Date.UTC(2026, 0, 2, 22);
const FULL: Hold = { kind: "slots", scope: "pool:warehouse", slots: 2, used: 2, weight: 1 };
const CLOSED: Hold = { kind: "hours", scope: "hours:UTC 22:00-06:00", opensAt: AT };

function lane(waiting: number, holds: readonly Hold[], pool = "warehouse"): LaneRecord {
  const scopes = [{ name: `pool:${pool}`, weight: 1 }];
  const key = { project: "shop", queue: "default", priority: 0, pipeline: "load", scopes };
  return { id: waiting, key, waiting, running: 0, holds };
}

async function reportsOf(...lanes: readonly LaneRecord[]) {
  const pools = { warehouse: 2, other: 1 };
  const project = { name: "shop", settings: { pools, tagLimits: {} } };
  const store = { scopes: async () => [], lanes: async () => lanes };
  const reports = await poolReports({ project, store });
  return reports.filter(({ name }) => name === "warehouse");
}

test("what may not start at this hour waits for its hours, whether there is a slot for it or not", async () => {
  expect(await reportsOf(lane(3, [FULL]), lane(5, [FULL, CLOSED]), lane(7, [CLOSED]))).toMatchObject([
    { waiting: 3, waitingForHours: 12, hoursOpenAt: AT },
  ]);
  const [free] = await reportsOf(lane(3, []), lane(4, [CLOSED], "other"));
  expect(free).toMatchObject({ waiting: 0 });
  expect(free).not.toHaveProperty("waitingForHours");
});

test("who waits for several hours may start when the last of them come; hours that never come have no time", async () => {
  const later: Hold = { ...CLOSED, opensAt: AT + 1 };
  expect(await reportsOf(lane(1, [CLOSED, later]))).toMatchObject([{ waitingForHours: 1, hoursOpenAt: AT + 1 }]);
  const [never] = await reportsOf(lane(1, [{ kind: "hours", scope: "hours:UTC 02:00-02:30" }]));
  expect(never).toMatchObject({ waitingForHours: 1 });
  expect(never).not.toHaveProperty("hoursOpenAt");
});
