import type { Instant } from "../../core/instant.ts";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import type { PausedPipeline } from "../../store/limit-records.ts";
import type { RunRecord, Store } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { type ExplainedSchedule, explainSchedules, scheduleReport } from "../explain-schedules.ts";
import { type ExplainedTrigger, explainTriggers, triggerReport } from "../explain-triggers.ts";
import { problemLine } from "../find-pipeline.ts";
import { runReport } from "../run-report.ts";
import { counted } from "../terminal/counted.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { scheduleSummary } from "../terminal/schedule-text.ts";
import { paintState, stateIcon, stateLabel } from "../terminal/state-style.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { compile, projectOf, withWorkspace } from "../workspace.ts";

export const list: Verb = {
  declare(command) {
    command
      .description("List the pipelines of the project, each with its newest run and when it runs next.")
      .addHelpText("after", "\nExamples:\n  batuta list\n  batuta list --json | jq -r '.data[].name'");
  },
  async perform(cli) {
    const project = projectOf(cli);
    const { manifest, problems } = await compile(cli, project);
    for (const problem of problems) cli.warn(problemLine(problem));
    if (problems.some(({ severity }) => severity === "error")) cli.note("See batuta check.");
    return withWorkspace(cli, project, async ({ store }) => {
      const schedules = Map.groupBy(
        await explainSchedules(store, cli.clock, { project: project.name }),
        ({ record }) => record.pipeline,
      );
      const triggers = Map.groupBy(
        await explainTriggers(store, cli.clock, { project: project.name }),
        ({ record }) => record.pipeline,
      );
      const pauses = new Map((await store.pausedPipelines(project.name)).map((pause) => [pause.pipeline, pause]));
      const listed: Listed[] = [];
      const kept = await keptPipelines(store, project.name, manifest.pipelines, problems);
      for (const pipeline of [...manifest.pipelines, ...kept].toSorted(byName)) {
        const { name } = pipeline;
        const [newest] = await store.runs({ project: project.name, pipeline: name, limit: 1 });
        listed.push({
          pipeline,
          isKept: kept.includes(pipeline),
          newest,
          schedules: schedules.get(name) ?? [],
          triggers: triggers.get(name) ?? [],
          pause: pauses.get(name),
        });
      }
      for (const { record, sentences } of faulty(listed)) cli.warn(`${record.pipeline}: ${sentences.join(" ")}`);
      if (listed.length === 0) cli.note("There are no pipelines yet: see batuta init.");
      return answer(cli, listed);
    });
  },
};

/** Those of broken files, which run as they were when their files were good last. */
async function keptPipelines(
  store: Pick<Store, "deployment" | "version">,
  project: string,
  sound: readonly PipelineSpec[],
  problems: readonly ProjectProblem[],
): Promise<readonly PipelineSpec[]> {
  const broken = new Set(problems.filter(({ severity }) => severity === "error").map(({ file }) => file));
  const deployment = broken.size === 0 ? undefined : await store.deployment(project);
  if (deployment === undefined) return [];
  const isSound = new Set(sound.map(({ name }) => name));
  const found = new Map<string, PipelineSpec>();
  for (const { versionHash, pipeline } of [
    ...deployment.kept,
    { versionHash: deployment.versionHash, pipeline: null },
  ]) {
    for (const spec of (await store.version(versionHash))?.manifest.pipelines ?? []) {
      const isMeant = pipeline === null || pipeline === spec.name;
      if (isMeant && broken.has(spec.location.file) && !isSound.has(spec.name)) found.set(spec.name, spec);
    }
  }
  return [...found.values()];
}

function byName(one: PipelineSpec, other: PipelineSpec): number {
  return one.name < other.name ? -1 : 1;
}

interface Listed {
  readonly pipeline: PipelineSpec;
  /** Its file is broken: so it was when that was good last, and so it runs. */
  readonly isKept: boolean;
  readonly newest: RunRecord | undefined;
  /** Of the version that is deployed; none before the first. */
  readonly schedules: readonly ExplainedSchedule[];
  readonly triggers: readonly ExplainedTrigger[];
  readonly pause: PausedPipeline | undefined;
}

function faulty(listed: readonly Listed[]): readonly (ExplainedSchedule | ExplainedTrigger)[] {
  return listed.flatMap(({ schedules, triggers }) => [
    ...schedules.filter(({ record }) => record.fault !== undefined),
    ...triggers.filter(({ record: { fault, lookFault } }) => (fault ?? lookFault) !== undefined),
  ]);
}

/** The earliest of all its schedules. */
function nextRunAt({ schedules }: Listed): Instant | undefined {
  const times = schedules.flatMap(({ nextAt }) => nextAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function nextRunText(listed: Listed): string {
  const { schedules, pause } = listed;
  if (pause !== undefined) return `paused by ${pause.pausedBy}`;
  const at = nextRunAt(listed);
  if (at !== undefined) return formatInstant(at);
  const [first] = schedules;
  if (first === undefined) return triggersText(listed);
  if (schedules.some(({ record }) => record.fault !== undefined)) return "error";
  return schedules.some(({ record }) => record.nextAt !== undefined) ? HELD : REST_TEXTS[first.record.rest ?? "ended"];
}

function triggersText({ triggers }: Listed): string {
  if (triggers.length === 0) return "";
  const pending = triggers.reduce((sum, { record }) => sum + record.pending, 0);
  return pending === 0 ? "on events" : `${counted(pending, "event")} waiting`;
}

/** Filters let no tick through, as far as anybody looks. */
const HELD = "held back";
const REST_TEXTS = { off: "off", paused: "paused", ended: "ended", run: "after its run", code: "asks its function" };

function answer({ out }: Cli, listed: readonly Listed[]): Answer {
  return {
    data: listed.map((entry) => reportOf(entry)),
    text: () =>
      listed.length === 0
        ? ""
        : renderTable(
            COLUMNS,
            listed.map((entry) => row(entry, out)),
            out,
          ),
  };
}

function reportOf(entry: Listed) {
  const { pipeline, isKept, newest, schedules, triggers, pause } = entry;
  const { name, location, description, owner, tags } = pipeline;
  const at = nextRunAt(entry);
  return {
    ...{ name, file: location.file, line: location.line, description, owner, tags },
    schedules: pipeline.schedules ?? [],
    tasks: tasksOf(pipeline),
    newestRun: newest === undefined ? undefined : runReport(newest),
    ...(at === undefined ? {} : { nextRunAt: new Date(at).toISOString() }),
    ...(pause === undefined ? {} : { paused: pauseReport(pause) }),
    ...(isKept ? { isFileBroken: true } : {}),
    deployed: schedules.map(scheduleReport),
    triggers: triggers.map(triggerReport),
  };
}

function pauseReport({ pausedBy, pausedAt, reason }: PausedPipeline) {
  return { by: pausedBy, at: new Date(pausedAt).toISOString(), ...(reason === undefined ? {} : { reason }) };
}

const COLUMNS: readonly Column[] = [
  { title: "PIPELINE" },
  { title: "TASKS", align: "right" },
  { title: "SCHEDULE", whenNarrow: "yields" },
  { title: "NEXT RUN", whenNarrow: "yields" },
  { title: "NEWEST RUN" },
  { title: "" },
  { title: "FILE", whenNarrow: "yields" },
  { title: "ABOUT", whenNarrow: "shrinks" },
];

function row(entry: Listed, { colors }: Cli["out"]): readonly string[] {
  const { pipeline, isKept, newest } = entry;
  const { name, schedules = [], location, description = "" } = pipeline;
  return [
    name,
    tasksOf(pipeline).toLocaleString("en"),
    schedules.map(scheduleSummary).join(", "),
    nextRunText(entry),
    newest === undefined ? "" : formatInstant(newest.createdAt),
    newest === undefined
      ? ""
      : paintState(colors, newest.state, `${stateIcon(newest.state)} ${stateLabel(newest.state)}`),
    location.file,
    isKept ? colors.yellow("its file is broken: it runs as it was when that was good last") : description,
  ];
}

function tasksOf({ tasks }: PipelineSpec): number {
  return tasks.filter((task) => !isJunction(task)).length;
}
