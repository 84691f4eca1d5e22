import type { Command } from "commander";
import { parseDuration } from "../../core/duration.ts";
import type { Instant } from "../../core/instant.ts";
import type { ProjectManifest } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { parseBound } from "../../core/schedule/parse-bound.ts";
import { timeZone } from "../../core/time-zone.ts";
import { defaultSlots } from "../../execution/create-executor.ts";
import type { Store } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { problemLine } from "../find-pipeline.ts";
import { wholeNumber } from "../option-values.ts";
import { timelineText } from "../terminal/timeline-text.ts";
import { foresee } from "../timeline/foresee.ts";
import { readProject } from "../timeline/read-project.ts";
import { timelineReport } from "../timeline/timeline-report.ts";
import { compile, projectOf, type Workspace, withWorkspace } from "../workspace.ts";

interface TimelineOptions {
  readonly hours: string;
  readonly from?: string;
  readonly slots?: string;
  readonly assume: string;
}

const HOUR_MS = 3_600_000;
const HOURS_MAX = 7 * 24;
/** What lies before is lived through as well, though not shown. */
const FROM_MS_MAX = 7 * 24 * HOUR_MS;

export const timeline: Verb = {
  declare(command) {
    command
      .description(
        "Look ahead: which runs will start and end when, what waits for what, which deadlines will be missed.",
      )
      .option("--hours <count>", "how far to look", "24")
      .option("--from <moment>", "where to begin, such as 2026-01-02T06:00Z or 2026-01-02 (default: now)")
      .option("--slots <count>", "tasks that the engine runs at the same time (default: as many as `batuta run`)")
      .option("--assume <duration>", "what a task takes that has never succeeded", "1m")
      .addHelpText(
        "after",
        "\nThe real engine lives through that time on a clock that jumps, with tasks that take what they took before.\n\nExamples:\n  batuta timeline\n  batuta timeline --hours 8 --from 2026-01-03T00:00Z --json",
      );
  },
  perform: lookAhead,
};

async function lookAhead(cli: Cli, command: Command): Promise<Answer> {
  const options = command.opts<TimelineOptions>();
  const hours = wholeNumber("--hours", options.hours, { min: 1, max: HOURS_MAX });
  const slots =
    options.slots === undefined ? defaultSlots() : wholeNumber("--slots", options.slots, { min: 1, max: 1_000 });
  const assumedMs = assumed(options.assume);
  return withWorkspace(cli, projectOf(cli), async (workspace) => {
    const now = await workspace.store.now();
    const from = startOf(options.from, now);
    const to = from + hours * HOUR_MS;
    const { manifest, isDeployed } = await currentManifest(cli, workspace);
    const project = workspace.project.name;
    const foreseen = await readProject(workspace.store, { project, manifest, isDeployed, now, to, slots, assumedMs });
    const report = timelineReport(foreseen, await foresee(foreseen), from);
    return { data: report, text: () => timelineText(report, cli.out) };
  });
}

function assumed(text: string): number {
  try {
    return parseDuration(text, "--assume");
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    throw new BatutaError("usage", error.message, { hint: "Write it like --assume 90s or --assume 5m." });
  }
}

function startOf(text: string | undefined, now: Instant): Instant {
  if (text === undefined) return now;
  const zone = timeZone(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const bound = parseBound(text, zone);
  const from = bound?.kind === "date" ? zone.startOfDay(bound.date) : bound?.at;
  if (from !== undefined && from >= now && from <= now + FROM_MS_MAX) return from;
  throw new BatutaError("usage", `--from ${text} is no moment within the next 7 days.`, {
    hint: "What is over is in `batuta runs`. Write an instant such as 2026-01-02T06:00Z, or a date.",
  });
}

interface CurrentManifest {
  readonly manifest: ProjectManifest;
  readonly isDeployed: boolean;
}

/** What is deployed, with broken files as they were good last; else the files as they are. */
async function currentManifest(cli: Cli, { project, store }: Workspace): Promise<CurrentManifest> {
  const deployment = await store.deployment(project.name);
  if (deployment === undefined) {
    const { manifest, problems } = await compile(cli, project);
    for (const problem of problems) cli.warn(problemLine(problem));
    cli.note("Nothing is deployed yet: this is what comes if it is deployed now.");
    return { manifest, isDeployed: false };
  }
  const manifest = await manifestOf(store, deployment.versionHash);
  const isKept = new Set(deployment.kept.map(({ pipeline }) => pipeline));
  const pipelines = manifest.pipelines.filter(({ name }) => !isKept.has(name));
  for (const { pipeline, versionHash } of deployment.kept) {
    const older = await manifestOf(store, versionHash);
    pipelines.push(...older.pipelines.filter(({ name }) => name === pipeline));
  }
  return { manifest: { ...manifest, pipelines }, isDeployed: true };
}

async function manifestOf(store: Pick<Store, "version">, hash: string): Promise<ProjectManifest> {
  const version = await store.version(hash);
  if (version !== undefined) return version.manifest;
  throw new BatutaError("not_found", `The deployed version ${hash} is not in the database.`, {
    hint: "Deploy the project again.",
  });
}
