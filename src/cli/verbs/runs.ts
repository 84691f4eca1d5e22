import { formatDuration } from "../../core/duration.ts";
import { BatutaError } from "../../core/problem.ts";
import { RUN_STATES, type RunState } from "../../core/state.ts";
import type { MissedDeadline } from "../../store/deadline-store.ts";
import type { RunRecord } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { didYouMean } from "../did-you-mean.ts";
import { missesOf, missReports } from "../late-runs.ts";
import { wholeNumber } from "../option-values.ts";
import { shortId } from "../run-reference.ts";
import { runReport } from "../run-report.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { intervalText } from "../terminal/interval-text.ts";
import { shortMiss } from "../terminal/miss-text.ts";
import { reasonText } from "../terminal/reason-text.ts";
import { paintState, stateIcon, stateLabel } from "../terminal/state-style.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface RunsOptions {
  readonly state?: string;
  readonly limit: string;
}

export const runs: Verb = {
  declare(command) {
    command
      .description("List runs, newest first.")
      .argument("[pipeline]", "only runs of this pipeline")
      .option("--state <states>", `only runs in these states, with commas between: ${RUN_STATES.join(", ")}`)
      .option("--limit <count>", "at most so many", "20")
      .addHelpText("after", "\nExamples:\n  batuta runs\n  batuta runs hello --state failed --limit 5");
  },
  async perform(cli, command) {
    const [pipeline] = command.args;
    const { state, limit } = command.opts<RunsOptions>();
    const filter = {
      ...(pipeline === undefined ? {} : { pipeline }),
      ...(state === undefined ? {} : { states: statesOf(state) }),
      limit: wholeNumber("--limit", limit, { min: 1, max: 10_000 }),
    };
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const found = await store.runs({ project: project.name, ...filter });
      if (found.length === 0) {
        cli.note(
          `There are no such runs${pipeline === undefined ? "" : ` of ${pipeline}; see batuta why ${pipeline}`}.`,
        );
      }
      return answer(cli, found, await missesOf(store, found));
    });
  },
};

function statesOf(text: string): readonly RunState[] {
  return text.split(",").map((word) => {
    const state = RUN_STATES.find((known) => known === word.trim());
    if (state !== undefined) return state;
    throw new BatutaError("usage", `"${word}" is not a state of a run.`, {
      hint: `${didYouMean(word, RUN_STATES)}The states are: ${RUN_STATES.join(", ")}.`,
    });
  });
}

type Misses = Awaited<ReturnType<typeof missesOf>>;

function answer(cli: Cli, found: readonly RunRecord[], misses: Misses): Answer {
  const now = cli.clock.wall();
  return {
    data: found.map((run) => ({ ...runReport(run), ...missReports(misses.get(run.id) ?? []) })),
    text: () =>
      found.length === 0
        ? ""
        : renderTable(
            COLUMNS,
            found.map((run) => row(cli, run, { now, misses: misses.get(run.id) ?? [] })),
            cli.out,
          ),
  };
}

const COLUMNS: readonly Column[] = [
  { title: "RUN" },
  { title: "PIPELINE", whenNarrow: "shrinks" },
  { title: "STATE" },
  { title: "DATE" },
  { title: "INTERVAL", whenNarrow: "yields" },
  { title: "SCHEDULE", whenNarrow: "yields" },
  { title: "CREATED", whenNarrow: "yields" },
  { title: "TIME", align: "right" },
  { title: "NOTE", whenNarrow: "shrinks" },
];

interface Beside {
  readonly now: number;
  readonly misses: readonly MissedDeadline[];
}

function row({ out }: Cli, run: RunRecord, { now, misses }: Beside): readonly string[] {
  const { state, startedAt, finishedAt } = run;
  return [
    shortId(run.id),
    run.pipeline,
    paintState(out.colors, state, `${stateIcon(state)} ${stateLabel(state)}`),
    run.ds,
    `${intervalText(run.interval)}${run.isPartial === true ? " partial" : ""}`,
    run.schedule ?? "",
    formatInstant(run.createdAt),
    startedAt === undefined ? "" : formatDuration((finishedAt ?? now) - startedAt),
    note(run, misses),
  ];
}

function note(run: RunRecord, misses: readonly MissedDeadline[]): string {
  const { state, reason, failing, unfinished, only, parent } = run;
  const [miss, ...others] = misses;
  const parts = [
    miss === undefined ? "" : `${shortMiss(miss)}${others.length === 0 ? "" : ` and ${others.length} more`}`,
    parent === undefined ? "" : `started by run ${shortId(parent.runId)}`,
    only === undefined ? "" : only.length === 1 ? "one task alone" : `${only.length} tasks alone`,
    state === "failed" && failing > 0 ? `${failing} failed` : "",
    state === "running" ? `${unfinished} to do` : "",
    reasonText(reason, state),
  ];
  return parts.filter((part) => part !== "").join(", ");
}
