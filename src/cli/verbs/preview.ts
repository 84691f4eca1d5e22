import { resolve } from "node:path";
import type { Command } from "commander";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import type { Timing } from "../../core/schedule/schedule-spec.ts";
import { DEFAULT_SCHEDULE } from "../../core/schedule/schedule-spec.ts";
import { ticksOf } from "../../core/schedule/ticks-of.ts";
import { localFiles } from "../../ports/files.ts";
import { every } from "../../sdk/schedule.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { findPipeline } from "../find-pipeline.ts";
import { findByName } from "../name-reference.ts";
import { wholeNumber } from "../option-values.ts";
import { previewReport, previewText } from "../preview-report.ts";
import { type Preview, type PreviewedSchedule, previewTicks } from "../preview-ticks.ts";
import { compile, projectOf } from "../workspace.ts";

interface PreviewOptions {
  readonly timezone?: string;
  readonly schedule?: string;
  readonly from?: string;
  readonly to?: string;
  readonly count?: string;
}

export const preview: Verb = {
  declare(command) {
    command
      .description("Show when a schedule fires, with the interval of each run and what summer time does to it.")
      .argument("<schedule>", 'a cron expression or step in quotes, "0 2 * * *" or "every 10m", or a pipeline')
      .option("--timezone <zone>", "zone in which an expression is read, such as Europe/Zurich (default: UTC)")
      .option("--schedule <name>", "this schedule of the pipeline alone (default: all of them)")
      .option(
        "--from <date>",
        "the first interval: a date is its ds, the day on which it begins (default: the next tick)",
      )
      .option("--to <date>", "the last interval, by its ds as well")
      .option("--count <number>", "ticks to show (default: 10; with --to up to 1,000)")
      .addHelpText(
        "after",
        '\nA date means the interval that begins on it, whose run fires at its end: for a daily schedule on the day after.\n\nExamples:\n  batuta preview "0 2 * * *" --timezone Europe/Zurich --from 2023-10-27 --count 5\n  batuta preview "every 10m"\n  batuta preview daily_sales --from 2024-03-01 --to 2024-03-31 --json',
      );
  },
  perform: showPreview,
};

const COUNT = 10;
const COUNT_TO = 1_000;
const COUNT_MAX = 10_000;

async function showPreview(cli: Cli, command: Command): Promise<Answer> {
  const [reference = ""] = command.args;
  if (reference.trim() === "") throw nothingNamed();
  const options = command.opts<PreviewOptions>();
  const { from, to } = options;
  const usual = to === undefined ? COUNT : COUNT_TO;
  const count = options.count === undefined ? usual : wholeNumber("--count", options.count, { min: 1, max: COUNT_MAX });
  const schedules = isExpression(reference)
    ? [ofExpression(reference, options)]
    : ofPipeline(await pipelineNamed(cli, reference), options);
  const previews = schedules.map((schedule) => previewTicks(schedule, { from, to, count, now: cli.clock.wall() }));
  const found = together(previews, count);
  if (to !== undefined && found.hasMore) cli.note(`The first ${count} are shown: --count shows more.`);
  return {
    data: previewReport(schedules, found),
    text: () => previewText(schedules, found, cli.out),
  };
}

function nothingNamed(): BatutaError {
  return new BatutaError("usage", "The schedule to show is empty.", {
    hint: 'Write an expression in quotes, "0 2 * * *" or "every 10m", or the name of a pipeline.',
  });
}

/** The first ticks of all schedules, and nothing of what comes after the last of them. */
function together(previews: readonly Preview[], count: number): Preview {
  const all = previews
    .flatMap(({ ticks }) => ticks)
    .toSorted((one, other) => one.scheduled.interval.end - other.scheduled.interval.end);
  const ticks = all.slice(0, count);
  const hasMore = all.length > count || previews.some((one) => one.hasMore);
  const last = hasMore ? (ticks.at(-1)?.scheduled.interval.end ?? 0) : Number.POSITIVE_INFINITY;
  const heldBack = previews.flatMap((one) => one.heldBack).filter(({ from }) => from <= last);
  return { ticks, heldBack, hasMore };
}

/** No pipeline is called so. */
function isExpression(text: string): boolean {
  return text.startsWith("@") || /\s/.test(text.trim());
}

function ofExpression(text: string, { timezone = "UTC", schedule }: PreviewOptions): PreviewedSchedule {
  if (schedule !== undefined) {
    throw new BatutaError("usage", "--schedule names a schedule of a pipeline, but this is an expression.", {
      hint: "Leave it out, or name the pipeline in place of the expression.",
    });
  }
  const found = { name: DEFAULT_SCHEDULE, timing: timingOf(text.trim()), timezone };
  // Judges the expression and the zone.
  ticksOf(found);
  return found;
}

function timingOf(text: string): Timing {
  const step = /^every\s+(.+)$/i.exec(text)?.[1];
  if (step !== undefined) return stepTiming(step);
  if (text.toLowerCase() === "@continuous") return { kind: "continuous", gapMs: 0 };
  return text.toLowerCase() === "@once" ? { kind: "once" } : { kind: "cron", expression: text };
}

/** Its place would be this file, which is none of the user's. */
function stepTiming(step: string): Timing {
  try {
    return every(step).timing;
  } catch (error) {
    if (!(error instanceof BatutaError) || error.hint === undefined) throw error;
    throw new BatutaError(error.code, error.message, { hint: error.hint });
  }
}

async function pipelineNamed(cli: Cli, reference: string): Promise<PipelineSpec> {
  const isFile = localFiles.stat(resolve(cli.workingFolder, reference))?.kind === "file";
  const compiled = await compile(cli, isFile ? projectOf(cli, reference) : projectOf(cli));
  return findPipeline(cli, compiled, reference);
}

function ofPipeline(
  { name, schedules = [] }: PipelineSpec,
  { timezone, schedule }: PreviewOptions,
): readonly PreviewedSchedule[] {
  if (timezone !== undefined) {
    throw new BatutaError("usage", "--timezone is for expressions: a pipeline's schedules have zones of their own.", {
      hint: "Leave it out.",
    });
  }
  if (schedules.length === 0) {
    throw new BatutaError("not_found", `Pipeline "${name}" has no schedule.`, {
      hint: 'Give it one: pipeline(…, { schedule: cron("0 6 * * *") }, …).',
    });
  }
  if (schedule === undefined) return schedules;
  const names = schedules.map((one) => one.name);
  return schedules.filter((_, index) => index === findByName("schedule", schedule, names));
}
