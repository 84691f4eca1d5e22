import type { PipelineDefinition } from "../core/definition.ts";
import type { Json } from "../core/json.ts";
import type { SourceLocation, TaskSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { definitionError } from "./call-site.ts";
import { describe } from "./option-values.ts";
import { type ParamsSchema, parseParams } from "./params.ts";
import { isSchedule, type NextTick, type Schedule } from "./schedule.ts";

/** The schedules of one pipeline: as data for the manifest, and the code that goes with them. */
export interface CompiledSchedules extends Pick<PipelineDefinition, "timetables" | "parseScheduleParams"> {
  readonly specs: readonly ScheduleSpec[];
  /** Names of those that do not say how they catch up. */
  readonly unsaid: ReadonlySet<string>;
}

interface Owner {
  readonly name: string;
  readonly location: SourceLocation;
  readonly params: ParamsSchema | undefined;
}

/** `schedule` of a pipeline: one, or a list with a name for each (TI-5). */
export function compileSchedules(given: unknown, owner: Owner): CompiledSchedules {
  const schedules = listOf(given, owner);
  refuseDoubles(schedules, owner);
  const specs = schedules.map((schedule) => specOf(schedule, owner));
  const code = schedules.flatMap(({ name, nextTick }): [string, NextTick][] =>
    nextTick === undefined ? [] : [[name, nextTick]],
  );
  return {
    specs,
    unsaid: new Set(schedules.flatMap(({ name, catchUpUnsaid }) => (catchUpUnsaid === undefined ? [] : [name]))),
    ...(code.length === 0 ? {} : { timetables: new Map(code) }),
    ...(specs.length === 0
      ? {}
      : { parseScheduleParams: () => schedules.map((schedule) => paramsOf(schedule, owner)) }),
  };
}

/** A source is read on from where it was, however much was missed: one run has it all (TI-4). */
export function caughtUp(
  { specs, unsaid }: CompiledSchedules,
  tasks: readonly TaskSpec[],
): { readonly schedules?: readonly ScheduleSpec[] } {
  if (specs.length === 0 || !tasks.some(({ cursor }) => cursor !== undefined)) return {};
  return { schedules: specs.map((spec) => (unsaid.has(spec.name) ? { ...spec, catchUp: "coalesce" } : spec)) };
}

function listOf(given: unknown, { name, location }: Owner): readonly Schedule[] {
  if (given === undefined) return [];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const schedules = list.filter(isSchedule);
  if (schedules.length === list.length) return schedules;
  const hint = 'Write schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }), or a list of such.';
  const wrong = describe(list.find((one) => !isSchedule(one)));
  throw definitionError(`\`schedule\` of pipeline "${name}" is ${wrong}, which is no schedule.`, location, hint);
}

function refuseDoubles(schedules: readonly Schedule[], { name }: Owner): void {
  const double = schedules.find((one, index) => schedules.findIndex((other) => other.name === one.name) < index);
  if (double === undefined) return;
  throw definitionError(
    `Two schedules of pipeline "${name}" are called "${double.name}".`,
    double.location,
    'Give each a name of its own: cron("0 6 * * *", { name: "morning" }).',
  );
}

function specOf(schedule: Schedule, owner: Owner): ScheduleSpec {
  const { batuta: _mark, location: _place, nextTick: _code, catchUpUnsaid: _unsaid, ...data } = schedule;
  return { ...data, params: paramsOf(schedule, owner) };
}

/** Nobody is there to give parameters when a schedule fires, so they have to be complete. */
function paramsOf({ params = {}, location, name: schedule }: Schedule, owner: Owner): Json {
  try {
    return parseParams(owner.params, owner.name, params);
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    throw definitionError(
      `Runs of schedule "${schedule}" of pipeline "${owner.name}" have no valid parameters: ${error.message}`,
      location,
      'Give them to the schedule, cron("@daily", { params: { region: "eu" } }), or give each a default in the schema.',
    );
  }
}
