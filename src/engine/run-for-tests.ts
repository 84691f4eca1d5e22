import type { RunRecord } from "../store/run-records.ts";

/** A scheduled run that is under way. */
export const RUN: RunRecord = {
  id: "run-1",
  project: "shop",
  pipeline: "daily",
  versionHash: "v",
  trigger: "schedule",
  interval: { start: 1, end: 2 },
  timezone: "UTC",
  ds: "1970-01-01",
  params: {},
  requestKey: "r",
  actor: "tester",
  state: "running",
  createdAt: 0,
  unfinished: 1,
  failing: 0,
};
