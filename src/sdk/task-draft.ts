import type { TaskFunctions } from "../core/definition.ts";
import type { SourceLocation, TaskSpec } from "../core/manifest.ts";
import { isAsset } from "./asset.ts";
import { readCache } from "./cache-options.ts";
import { definitionError } from "./call-site.ts";
import type { TaskDraft } from "./drafts.ts";
import { readMap } from "./map-draft.ts";
import { type ReferencePlace, readAfter, readInput, readSetups } from "./references.ts";
import { refuseUnaskedOfSensor } from "./sensor-refusals.ts";
import { type GivenOptions, readRetries, readSettings, type TaskDefaults } from "./task-settings.ts";
import { decidingWork, functionOf, readWork } from "./task-work.ts";

/** A call of `task`, `branch` or `shortCircuit`. */
export interface GivenTask {
  /** With the groups around it. */
  readonly name: string;
  readonly group: number | undefined;
  readonly location: SourceLocation;
  readonly options: GivenOptions;
  readonly work: unknown;
  readonly decides: TaskSpec["decides"];
}

export interface ReadTask {
  readonly draft: TaskDraft;
  readonly functions: TaskFunctions;
}

/** Reads everything that a task says of itself; what it hangs on is looked up when all tasks are known. */
export function readTask(given: GivenTask, pipeline: string, defaults: TaskDefaults): ReadTask {
  const { name, group, location, options } = given;
  const what = `${calledOf(given.decides)} "${name}"`;
  const place: ReferencePlace = { pipeline, what, at: location };
  const settings = readSettings(options, what, defaults, location);
  const read = readWork(given.work, what, location);
  const work = given.decides === undefined ? read : decidingWork(read, given.decides);
  const retries = readRetries(options, what, defaults, location);
  const setups = readSetups(options.teardown, place);
  const map = readMap(options, place);
  const input = readInput(options.input, place);
  const cache = readCache(options.cache, Object.keys(input), what, location);
  refuseContradictions(options, place);
  if (work.execution.via === "sensor") refuseUnaskedOfSensor(options, given.decides, place);
  if (work.execution.via === "pipeline") refuseUnaskedOfChild(options, retries.delayOf, place);
  return {
    draft: {
      name,
      location,
      group,
      after: readAfter(options.after, place),
      input,
      setups,
      map,
      spec: {
        ...settings,
        kind: work.kind,
        execution: work.execution,
        retries: retries.policy,
        hasRetryCode: options.retryIf !== undefined || retries.delayOf !== undefined,
        hasDoneWhen: options.doneWhen !== undefined,
        ...(isAsset(options.doneWhen) ? { doneWhenAsset: options.doneWhen.key } : {}),
        ...(options.runIf === undefined ? {} : { hasRunIf: true }),
        ...(cache === undefined ? {} : { cache: cache.spec }),
        ...(given.decides === undefined ? {} : { decides: given.decides }),
        connections: [...new Set([...settings.connections, ...work.connections])],
      },
    },
    functions: functionsOf(
      options,
      { run: work.run, poll: work.poll, delayOf: retries.delayOf, cacheKey: cache?.cacheKey },
      place,
    ),
  };
}

/** How messages call it. */
export function calledOf(decides: TaskSpec["decides"]): string {
  return decides === undefined ? "task" : decides.replace("_", " ");
}

interface OtherFunctions {
  readonly run: TaskFunctions["run"];
  readonly poll: TaskFunctions["poll"];
  readonly delayOf: TaskFunctions["retryDelay"];
  readonly cacheKey: TaskFunctions["cacheKey"];
}

function functionsOf(
  { runIf, doneWhen, retryIf }: GivenOptions,
  { run, poll, delayOf, cacheKey }: OtherFunctions,
  { what, at }: ReferencePlace,
): TaskFunctions {
  return {
    ...(run === undefined ? {} : { run }),
    ...(poll === undefined ? {} : { poll }),
    ...(runIf === undefined ? {} : { runIf: functionOf(runIf, `\`runIf\` of ${what}`, at) }),
    ...(doneWhen === undefined ? {} : { doneWhen: doneWhenOf(doneWhen, `\`doneWhen\` of ${what}`, at) }),
    ...(cacheKey === undefined ? {} : { cacheKey }),
    ...(retryIf === undefined ? {} : { retryIf: functionOf(retryIf, `\`retryIf\` of ${what}`, at) }),
    ...(delayOf === undefined ? {} : { retryDelay: delayOf }),
  };
}

function doneWhenOf(given: unknown, what: string, at: SourceLocation): NonNullable<TaskFunctions["doneWhen"]> {
  if (!isAsset(given)) return functionOf(given, what, at);
  if (given.exists !== undefined) return functionOf(given.exists, what, at);
  const hint = `Say how: asset("${given.key}", { exists: ({ ds }) => … }).`;
  throw definitionError(`${what} is asset "${given.key}", which cannot say whether it exists.`, at, hint);
}

/** No process runs for such a task when the run it waited for has failed, or before it is started again. */
function refuseUnaskedOfChild(
  { retryIf, cache }: GivenOptions,
  delayOf: TaskFunctions["retryDelay"],
  { what, at }: ReferencePlace,
): void {
  const hint =
    "Leave it away: `retries` with fixed, listed or growing delays hold for each run that fails, one that was cancelled is not retried, and failures of its tasks are theirs to judge.";
  if (retryIf !== undefined) throw definitionError(`${what} starts a pipeline and has a \`retryIf\`.`, at, hint);
  if (delayOf !== undefined) throw definitionError(`${what} starts a pipeline and has a delay function.`, at, hint);
  if (cache === undefined || cache === false) return;
  const instead = "Say `cache` of the tasks of the pipeline that it starts.";
  throw definitionError(`${what} starts a pipeline and has a \`cache\`.`, at, instead);
}

function refuseContradictions({ setup, teardown, map, when }: GivenOptions, { what, at }: ReferencePlace): void {
  if (teardown === undefined && setup !== true) return;
  if (teardown !== undefined && setup === true) {
    const hint = "Make two tasks of it: one with setup: true, and one whose `teardown` names it.";
    throw definitionError(`${what} is a set-up and a tear-down at once.`, at, hint);
  }
  if (map !== undefined) {
    const hint = "Map the group around set-up, work and tear-down: group(name, { map: … }, ({ task }) => { … }).";
    throw definitionError(`${what} is ${setup === true ? "a set-up" : "a tear-down"} with a \`map\`.`, at, hint);
  }
  if (teardown !== undefined && when !== undefined) {
    const hint =
      "Leave `when` away: a tear-down runs when its work has ended, however, and one of its set-ups succeeded.";
    throw definitionError(`${what} is a tear-down and has a trigger rule.`, at, hint);
  }
}
