import type { Instant } from "../core/instant.ts";
import type { LaneView } from "../core/lane.ts";
import { holdsOf } from "../core/lane-plan.ts";
import type { PipelineLoad } from "../core/run-admission.ts";
import { parseShares, type ScopeView } from "../core/scope.ts";
import type { LaneRecord, PausedPipeline, ScopeRecord } from "./limit-records.ts";
import { present } from "./records.ts";
import type { BusyLaneRow, LaneRow, LoadRow, PauseRow, ScopeRow } from "./rows.ts";

export function toLaneView({ id, waiting, servedAt, pipelineServedAt, isPaused, ...row }: LaneRow): LaneView {
  const { project, queue, priority, pipeline, scopes } = row;
  const key = { project, queue, priority, pipeline, scopes: parseShares(scopes) };
  return { id, key, waiting, servedAt, ...present("pipelineServedAt", pipelineServedAt), paused: Boolean(isPaused) };
}

export function toScopeView(row: ScopeRow): ScopeView {
  const { name, rateLimit, rateMs, used, started } = row;
  const rate =
    rateLimit === null || rateMs === null
      ? null
      : { limit: rateLimit, perMs: rateMs, started, ...present("freeAt", freeAt(row, rateMs)) };
  return {
    name,
    used,
    ...present("background", row.background ?? null),
    ...present("slots", row.override ?? row.slots),
    ...present("overflow", row.overflow),
    ...(row.countDeferred ? { countDeferred: true } : {}),
    ...present("rate", rate),
  };
}

function freeAt({ firstStartAt }: ScopeRow, rateMs: number): Instant | null {
  return firstStartAt === null ? null : firstStartAt + rateMs;
}

export function toScopeRecord(row: ScopeRow): ScopeRecord {
  return {
    ...toScopeView(row),
    project: row.project,
    ...present("declared", row.slots),
    ...present("override", row.override),
  };
}

export function toLaneRecord(row: BusyLaneRow, scopes: readonly ScopeRow[], now: Instant): LaneRecord {
  const view = toLaneView(row);
  const names = new Set(view.key.scopes.map(({ name }) => name));
  const own = scopes.filter(({ project, name }) => project === view.key.project && names.has(name)).map(toScopeView);
  const { id, key, waiting } = view;
  return { id, key, waiting, running: row.running, holds: holdsOf(view, own, now) };
}

export function toPausedPipeline({ reason, ...row }: PauseRow): PausedPipeline {
  return { ...row, ...present("reason", reason) };
}

export function toPipelineLoad({ running, queued, override, slots, isPaused }: LoadRow): PipelineLoad {
  return { running, queued, paused: Boolean(isPaused), ...present("maxRuns", override ?? slots) };
}
