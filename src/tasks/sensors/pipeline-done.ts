import { parseDuration } from "../../core/duration.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { describe, locatedAt } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";

/**
 * For which interval `pipelineDone` waits.
 *
 * @example
 * pipelineDone("daily_sales", { offset: "-1d", timeout: "12h" });
 */
export interface PipelineDoneOptions extends SensorOptions {
  /** Moves the interval of this run, such as `"-1d"` for the day before. */
  readonly offset?: string | number;
}

/**
 * The runs that were waited for.
 *
 * @example
 * task("note", { input: { sales } }, ({ input }: { input: { sales: PipelineRuns } }) => input.sales.runs.length);
 */
export interface PipelineRuns {
  readonly pipeline: string;
  /** Their ids. */
  readonly runs: readonly string[];
}

/**
 * Waits until another pipeline of the project is done for the interval of this run: runs of it that have succeeded cover
 * all of it, be they as long, longer or shorter. Of an interval its newest run counts; one that failed is waited for,
 * as somebody may run it again. Of runs that work on a moment, as those of a pipeline without a schedule do, the newest
 * within the interval counts.
 *
 * @example
 * task("sales_loaded", pipelineDone("daily_sales", { timeout: "6h" }));
 */
export function pipelineDone(pipeline: string, options: PipelineDoneOptions = {}): TaskKind<PipelineRuns> {
  const at = callSite(pipelineDone);
  if (typeof pipeline !== "string" || pipeline === "") {
    const hint = 'Write its name: pipelineDone("daily_sales").';
    throw definitionError(`The pipeline of pipelineDone(…) is ${describe(pipeline)}.`, at, hint);
  }
  const { offset = 0, ...patience } = options;
  const config = { pipeline, offsetMs: locatedAt(at, () => signedMs(offset)) };
  return askedOf("store", makeDone(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at));
}

const makeDone = defineSensor<{ readonly pipeline: string; readonly offsetMs: number }, PipelineRuns>({
  name: "pipeline-done",
  check: ({ config: { pipeline } }) => ({ pipeline, runs: [] }),
});

/** Lengths of time have no sign; this one may lead back. */
function signedMs(offset: string | number): number {
  if (typeof offset === "number") return offset;
  const isBack = offset.startsWith("-");
  const ms = parseDuration(isBack ? offset.slice(1) : offset, "`offset` of pipelineDone(…)");
  return isBack ? -ms : ms;
}
