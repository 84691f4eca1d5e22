import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { RunRecord } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { problemLine } from "../find-pipeline.ts";
import { runReport } from "../run-report.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { scheduleSummary } from "../terminal/schedule-text.ts";
import { paintState, stateIcon, stateLabel } from "../terminal/state-style.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { compile, projectOf, withWorkspace } from "../workspace.ts";

export const list: Verb = {
  declare(command) {
    command
      .description("List the pipelines of the project, each with its newest run.")
      .addHelpText("after", "\nExamples:\n  batuta list\n  batuta list --json | jq -r '.data[].name'");
  },
  async perform(cli) {
    const project = projectOf(cli);
    const { manifest, problems } = await compile(cli, project);
    for (const problem of problems) cli.warn(problemLine(problem));
    if (problems.some(({ severity }) => severity === "error")) cli.note("See batuta check.");
    return withWorkspace(cli, project, async ({ store }) => {
      const listed: Listed[] = [];
      for (const pipeline of manifest.pipelines) {
        const [newest] = await store.runs({ project: project.name, pipeline: pipeline.name, limit: 1 });
        listed.push({ pipeline, newest });
      }
      if (listed.length === 0) cli.note("There are no pipelines yet: see batuta init.");
      return answer(cli, listed);
    });
  },
};

interface Listed {
  readonly pipeline: PipelineSpec;
  readonly newest: RunRecord | undefined;
}

function answer({ out }: Cli, listed: readonly Listed[]): Answer {
  return {
    data: listed.map(({ pipeline, newest }) => ({
      name: pipeline.name,
      file: pipeline.location.file,
      line: pipeline.location.line,
      description: pipeline.description,
      owner: pipeline.owner,
      tags: pipeline.tags,
      schedules: pipeline.schedules ?? [],
      tasks: tasksOf(pipeline),
      newestRun: newest === undefined ? undefined : runReport(newest),
    })),
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

const COLUMNS: readonly Column[] = [
  { title: "PIPELINE" },
  { title: "TASKS", align: "right" },
  { title: "SCHEDULE", whenNarrow: "yields" },
  { title: "NEWEST RUN" },
  { title: "" },
  { title: "FILE", whenNarrow: "yields" },
  { title: "ABOUT", whenNarrow: "shrinks" },
];

function row({ pipeline, newest }: Listed, { colors }: Cli["out"]): readonly string[] {
  const { name, schedules = [], location, description = "" } = pipeline;
  return [
    name,
    tasksOf(pipeline).toLocaleString("en"),
    schedules.map(scheduleSummary).join(", "),
    newest === undefined ? "" : formatInstant(newest.createdAt),
    newest === undefined
      ? ""
      : paintState(colors, newest.state, `${stateIcon(newest.state)} ${stateLabel(newest.state)}`),
    location.file,
    description,
  ];
}

function tasksOf({ tasks }: PipelineSpec): number {
  return tasks.filter((task) => !isJunction(task)).length;
}
