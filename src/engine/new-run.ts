import { canonicalJson } from "../core/canonical-json.ts";
import { manualInterval } from "../core/interval.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import type { Clock } from "../ports/clock.ts";
import { sha256Hex } from "../ports/digest.ts";
import { type Random, uuidv7 } from "../ports/random.ts";
import type { NewRun, RunId, RunTrigger } from "../store/store.ts";

export interface RunRequest {
  readonly project: string;
  readonly pipeline: PipelineSpec;
  readonly versionHash: string;
  readonly trigger: RunTrigger;
  /** The schedule whose interval it works on; absent = the first that the pipeline has. */
  readonly schedule?: string;
  /** `YYYY-MM-DD`; absent = the last complete interval, or now. */
  readonly date?: string;
  /** `START/END`, or the start alone, in place of a date. */
  readonly interval?: string;
  /** Validated and completed by the pipeline's own schema. */
  readonly params: Json;
  readonly only?: readonly number[];
  readonly borrowsFrom?: RunId;
  readonly actor: string;
}

/**
 * A run as it will be stored: its interval by TI-2, its id from clock and randomness. Throws `invalid_date` when what
 * is asked for names no interval or several.
 */
export function newRun(request: RunRequest, clock: Clock, random: Random): NewRun {
  const { pipeline, date, only, borrowsFrom } = request;
  const schedule = scheduleOf(request);
  const { interval, ds } = manualInterval({
    ...(date === undefined ? {} : { date }),
    ...(request.interval === undefined ? {} : { interval: request.interval }),
    ...(schedule === undefined ? {} : { schedule }),
    timezone: pipeline.timezone,
    now: clock.wall(),
  });
  return {
    id: uuidv7(clock, random),
    project: request.project,
    pipeline: pipeline.name,
    versionHash: request.versionHash,
    trigger: request.trigger,
    interval,
    timezone: schedule?.timezone ?? pipeline.timezone,
    ds,
    ...(schedule === undefined ? {} : { schedule: schedule.name }),
    params: request.params,
    requestKey: requestKey(request),
    ...(only === undefined ? {} : { only }),
    ...(borrowsFrom === undefined ? {} : { borrowsFrom }),
    actor: request.actor,
  };
}

function scheduleOf({ pipeline, schedule }: RunRequest): ScheduleSpec | undefined {
  const { schedules = [] } = pipeline;
  if (schedule === undefined) return schedules[0];
  const found = schedules.find(({ name }) => name === schedule);
  if (found !== undefined) return found;
  const known = schedules.map(({ name }) => name).join(", ") || "it has none";
  throw new BatutaError("not_found", `Pipeline "${pipeline.name}" has no schedule "${schedule}".`, {
    hint: `Schedules of ${pipeline.name}: ${known}.`,
  });
}

/** Equal for two commands that ask for the same: not the moment of asking, but what was asked. */
export function requestKey(request: KeyedRequest): string {
  const { project, pipeline, date, params, only, schedule, interval } = request;
  return sha256Hex(
    canonicalJson({
      project,
      pipeline: pipeline.name,
      date: date ?? null,
      params,
      only: only ?? null,
      ...(schedule === undefined ? {} : { schedule }),
      ...(interval === undefined ? {} : { interval }),
    }),
  );
}

type KeyedRequest = Pick<RunRequest, "project" | "pipeline" | "date" | "params" | "only" | "schedule" | "interval">;
