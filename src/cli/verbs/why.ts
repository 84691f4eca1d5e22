import { iso } from "../../core/instant.ts";
import type { TaskRunState } from "../../core/state.ts";
import { isFinished } from "../../core/state.ts";
import type { StateReason } from "../../core/waiting-reason.ts";
import type { MissedDeadline } from "../../store/deadline-store.ts";
import type { RunRecord, Store, TaskRunRecord } from "../../store/store.ts";
import type { WatchRecord } from "../../store/watch-records.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { type ExplainedSchedule, explainSchedules, scheduleReport } from "../explain-schedules.ts";
import { type ExplainedTask, explainTasks } from "../explain-tasks.ts";
import { type ExplainedTrigger, explainTriggers, triggerReport } from "../explain-triggers.ts";
import { missReports } from "../late-runs.ts";
import { findRunOrPipeline, type NeverRun, neverRunSentences } from "../never-run.ts";
import { shortId } from "../run-reference.ts";
import { runReport } from "../run-report.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { findTask, type TaskReference } from "../task-reference.ts";
import { counted } from "../terminal/counted.ts";
import { missLines } from "../terminal/miss-text.ts";
import { runTitle } from "../terminal/run-title.ts";
import { paintState, stateIcon } from "../terminal/state-style.ts";
import { oneLine, padEnd } from "../terminal/text-width.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

/** Tasks told one by one; of more, the first ones and how many there are. */
const TOLD_MAX = 30;

export const why: Verb = {
  declare(command) {
    command
      .description(
        "Say why a task waits, failed, was skipped or could not run; without a task, of all that did not succeed.",
      )
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run, and when it runs next')
      .argument("[task]", "its name or the beginning of it")
      .addHelpText("after", "\nExamples:\n  batuta why latest\n  batuta why hello\n  batuta why hello report");
  },
  async perform(cli, command) {
    const [reference = "", name] = command.args;
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const starters = name === undefined ? await startersOf(cli, store, project.name, reference) : NO_STARTERS;
      const found = await findRunOrPipeline(cli, { project, store }, reference);
      if (found.kind === "never_run") return neverRunAnswer(cli, found, project.name, starters);
      const { run } = found;
      const pipeline = await pipelineOfRun(store, run);
      const meant = name === undefined ? undefined : findTask(pipeline, name);
      const isAsked = (row: TaskRunRecord): boolean =>
        meant === undefined ? row.state !== "success" : isMeant(row, meant);
      const explained = await explainTasks(store, cli.clock, { run, pipeline, isAsked });
      const misses = (await store.missedDeadlines([run.id])).filter(({ taskIndex }) => {
        return meant === undefined || taskIndex === meant.task;
      });
      const told = [...explained].sort(byInterest);
      return withStarters(answer(cli, { run, misses }, told, meant !== undefined), starters);
    });
  },
};

/** What makes runs of a pipeline by itself. */
interface Starters {
  readonly schedules: readonly ExplainedSchedule[];
  readonly triggers: readonly ExplainedTrigger[];
}

const NO_STARTERS: Starters = { schedules: [], triggers: [] };

async function startersOf(cli: Cli, store: Store, project: string, pipeline: string): Promise<Starters> {
  return {
    schedules: await explainSchedules(store, cli.clock, { project, pipeline }),
    triggers: await explainTriggers(store, cli.clock, { project, pipeline }),
  };
}

function hasAny({ schedules, triggers }: Starters): boolean {
  return schedules.length + triggers.length > 0;
}

function neverRunAnswer(cli: Cli, found: NeverRun, project: string, starters: Starters): Answer {
  const sentences = neverRunSentences(cli, found, project);
  const { pipeline, deployedAt } = found;
  const data = {
    ...{ pipeline: pipeline.name, neverRan: true, isDeployed: deployedAt !== undefined, reasons: sentences },
    ...startersData(starters),
  };
  return { data, text: () => [...sentences, ...(hasAny(starters) ? ["", startersText(starters)] : [])].join("\n") };
}

function withStarters({ data, text }: WhyAnswer, starters: Starters): Answer {
  if (!hasAny(starters)) return { data, text };
  return { data: { ...data, ...startersData(starters) }, text: () => `${text()}\n\n${startersText(starters)}` };
}

function startersData({ schedules, triggers }: Starters): object {
  return {
    ...(schedules.length === 0 ? {} : { schedules: schedules.map(scheduleReport) }),
    ...(triggers.length === 0 ? {} : { triggers: triggers.map(triggerReport) }),
  };
}

function startersText({ schedules, triggers }: Starters): string {
  return [...schedules, ...triggers]
    .flatMap(({ sentences: [first = "", ...more] }) => [first, ...more.map((line) => `  ${line}`)])
    .join("\n");
}

function isMeant({ taskIndex, mapKey }: TaskRunRecord, meant: TaskReference): boolean {
  return taskIndex === meant.task && (meant.mapKey === undefined || mapKey === meant.mapKey);
}

interface AskedRun {
  readonly run: RunRecord;
  readonly misses: readonly MissedDeadline[];
}

interface WhyAnswer extends Answer {
  readonly data: object;
}

function answer(cli: Cli, asked: AskedRun, told: readonly ExplainedTask[], oneTask: boolean): WhyAnswer {
  const { run, misses } = asked;
  const data = { run: { ...runReport(run), ...missReports(misses) }, tasks: told.map(dataOf) };
  return { data, text: () => text(cli, asked, told, oneTask) };
}

function dataOf({ name, mapKey, label, state, reasons, watch }: ExplainedTask) {
  return {
    name,
    ...(mapKey === "" ? {} : { mapKey }),
    ...(label === undefined ? {} : { label }),
    ...{ state, reasons },
    ...(watch === undefined ? {} : { watch: watchData(watch) }),
  };
}

/** What a sensor has found so far; instants as ISO 8601 in UTC. */
function watchData({ since, polls, errors, nextPollAt, deadline, lastPollAt, seen, failure }: WatchRecord) {
  return {
    since: iso(since),
    ...{ polls, errors },
    nextPollAt: iso(nextPollAt),
    ...(deadline === undefined ? {} : { deadline: iso(deadline) }),
    ...(lastPollAt === undefined ? {} : { lastPollAt: iso(lastPollAt) }),
    ...(seen === undefined ? {} : { seen }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function shownName({ name, label = "" }: ExplainedTask): string {
  return label === "" ? name : `${name} ${label}`;
}

function text({ out, ...cli }: Cli, asked: AskedRun, told: readonly ExplainedTask[], oneTask: boolean): string {
  const { run, misses } = asked;
  const title = [runTitle(run, out), ...missLines(misses, out)].join("\n");
  if (oneTask && told.length === 0) return `${title}\n\nThe task is not part of this run.`;
  if (told.length === 0) return `${title}\n\nEverything in it succeeded.`;
  const width = told.slice(0, TOLD_MAX).reduce((widest, task) => Math.max(widest, shownName(task).length), 0);
  const lines = told.slice(0, TOLD_MAX).map((task) => {
    const { state, reasons } = task;
    const [first, ...others] = reasons.map((reason: StateReason) => oneLine(reason.sentence));
    const head = `${paintState(out.colors, state, stateIcon(state))} ${padEnd(shownName(task), width)}  ${first ?? ""}`;
    return [head, ...others.map((sentence) => `${" ".repeat(width + 4)}${sentence}`)].join("\n");
  });
  const rest =
    told.length > TOLD_MAX ? [`… and ${counted(told.length - TOLD_MAX, "task")} more (--json tells all)`] : [];
  const failed = told.find(({ state }) => state === "failed");
  if (failed !== undefined) {
    cli.note(`Its log: ${commandText(cli, `logs ${shortId(run.id)} ${failed.name}`)}`);
  }
  return [title, "", ...lines, ...rest].join("\n");
}

/** What failed is asked for most, then what still waits, then what followed from others. */
function byInterest(one: ExplainedTask, other: ExplainedTask): number {
  return rank(one.state) - rank(other.state) || one.index - other.index;
}

function rank(state: TaskRunState): number {
  if (state === "failed") return 0;
  if (state === "running" || state === "retrying") return 1;
  if (state === "success") return 4;
  return isFinished(state) ? 3 : 2;
}
