import type { Command } from "commander";
import type { Json } from "../../core/json.ts";
import { BatutaError } from "../../core/problem.ts";
import { findBackfiller } from "../../engine/orphans.ts";
import type { RawParams } from "../../execution/executor.ts";
import type {
  BackfillActionRequest,
  BackfillActionResult,
  BackfillRecord,
  NewBackfill,
} from "../../store/backfill-records.ts";
import { actorOf } from "../actor.ts";
import { backfillAnswer } from "../backfill-answer.ts";
import { backfillReport, previewReport } from "../backfill-report.ts";
import { type BackfillOptions, backfillRequest, scheduleOf } from "../backfill-request.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { type LocalWorker, withLocalWorker } from "../embedded-engine.ts";
import { executeBackfill, findBackfill } from "../execute-backfill.ts";
import { findPipeline } from "../find-pipeline.ts";
import { hostProcesses } from "../host-processes.ts";
import { collected, wholeNumber } from "../option-values.ts";
import { readParameters } from "../parameters.ts";
import { runReport } from "../run-report.ts";
import { previewText } from "../terminal/backfill-text.ts";
import { counted } from "../terminal/counted.ts";
import { compile, projectOf, type Workspace, withWorkspace } from "../workspace.ts";

const ACTIONS = ["show", "pause", "resume", "cancel", "retry", "follow"] as const;
type Action = (typeof ACTIONS)[number];

/** Failed runs that `show` tells one by one. */
const FAILED_TOLD = 20;

interface Options extends BackfillOptions {
  readonly param?: readonly string[];
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly slots?: string;
}

export const backfill: Verb = {
  declare(command) {
    command
      .description("Run a pipeline for a range of past intervals, or look after a backfill that was begun.")
      .argument("<pipeline|action>", `a pipeline; or ${ACTIONS.join(", ")}, with the number of a backfill`)
      .argument("[id]", "with an action: the number of the backfill")
      .option("--from <date>", "the first date (ds) or moment, inclusive")
      .option("--to <date>", "the last date (ds) or moment, inclusive")
      .option("--schedule <name>", "the schedule whose intervals are run, where there are several")
      .option("--every <duration>", "of a pipeline without a schedule: how long an interval is, such as 1d")
      .option("--reprocess <which>", "missing, failed (and missing), or all", "missing")
      .option("--max-active <count>", "runs at the same time, beside live ones (default: 8)")
      .option("--newest-first", "from the end of the range to its beginning")
      .option("--single-run", "one run over the whole range")
      .option("--no-single-run", "one run for each interval, also where the pipeline says otherwise")
      .option("-p, --param <name=value>", "a parameter of all its runs; again for each", collected)
      .option("--max-intervals <count>", "refuse a longer range (default: 100000)")
      .option("--dry-run", "say what would run and why the rest would not, and do nothing")
      .option("--detach", "leave the work to another process, such as batuta dev, and do not watch")
      .option("--slots <count>", "tasks at the same time in this process")
      .addHelpText(
        "after",
        "\nThe same command while the backfill is unfinished goes on with it. Ctrl-C pauses it.\n\nExamples:\n  batuta backfill daily_sales --from 2024-01-01 --to 2024-03-31 --dry-run\n  batuta backfill daily_sales --from 2024-01-01 --to 2024-03-31 --reprocess failed --max-active 8 --newest-first\n  batuta backfill pause 3\n  batuta backfill resume 3\n  batuta backfill retry 3\n  batuta backfill follow 3    (its runs are of the current version from now on)",
      );
  },
  async perform(cli, command) {
    const [word = "", id] = command.args;
    const action = ACTIONS.find((known) => known === word);
    if (id === undefined) return beginUnless(cli, word, { action, options: command.opts<Options>() });
    if (action === undefined) {
      throw new BatutaError("usage", `"${word}" is nothing to do with a backfill.`, {
        hint: `It is one of: ${ACTIONS.join(", ")}.`,
      });
    }
    return act(cli, { action, id: backfillNumber(id), options: optionsOf(command) });
  },
};

function backfillNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new BatutaError("usage", `"${text}" is not the number of a backfill.`, {
    hint: "batuta backfills lists them, with their numbers: batuta backfill show 3.",
  });
}

/** A pipeline may be called as an action is; a range is then given. */
async function beginUnless(
  cli: Cli,
  word: string,
  { action, options }: { readonly action: Action | undefined; readonly options: Options },
): Promise<Answer> {
  if (action === undefined || options.from !== undefined || options.to !== undefined) return begin(cli, word, options);
  throw new BatutaError("usage", `batuta backfill ${action} needs the number of a backfill.`, {
    hint: `batuta backfills lists them: batuta backfill ${action} 3.`,
  });
}

function optionsOf(command: Command): Options {
  return command.opts<Options>();
}

async function begin(cli: Cli, reference: string, options: Options): Promise<Answer> {
  const compiled = await compile(cli, projectOf(cli));
  const pipeline = findPipeline(cli, compiled, reference);
  const schedule = scheduleOf(pipeline, options);
  const given = readParameters(pipeline.params, { param: options.param ?? [] });
  return withWorker(cli, options, async (worker) => {
    const key = {
      versionHash: compiled.hash,
      graphHash: pipeline.graphHash,
      pipelineFile: pipeline.location.file,
      pipeline: pipeline.name,
    };
    const params = await paramsOf(schedule?.params, given, async (raw) =>
      pipeline.params === undefined ? {} : worker.executor.parseParams(key, raw),
    );
    return withWorkspace(cli, compiled.project, async (workspace) => {
      const { store, project } = workspace;
      const names = { project: project.name, versionHash: compiled.hash };
      const wanted = backfillRequest(cli, options, { ...names, pipeline, params });
      if (options.dryRun === true) return rehearse(cli, workspace, wanted);
      await store.saveVersion({ hash: compiled.hash, project: project.name, manifest: compiled.manifest });
      const { backfill: begun, isNew } = await store.createBackfill(wanted);
      if (isNew) cli.note(`Backfill ${begun.id} of ${begun.pipeline}: ${counted(begun.intervals, "interval")}.`);
      else cli.note(`Going on with backfill ${begun.id}, which was asked for in the same words and is not finished.`);
      const running =
        begun.state === "paused" ? await acted(cli, workspace, { id: begun.id, action: "resume" }) : begun;
      return workOn(cli, workspace, { backfill: running, worker, options });
    });
  });
}

/** What its runs take when the schedule fires is what they take here, unless something else is said. */
async function paramsOf(
  scheduled: Json | undefined,
  given: RawParams,
  parse: (raw: RawParams) => Promise<Json>,
): Promise<Json> {
  if (scheduled === undefined) return parse(given);
  if (Object.keys(given).length === 0) return scheduled;
  return parse({ ...fieldsOf(scheduled), ...given });
}

function fieldsOf(params: Json): RawParams {
  return typeof params === "object" && params !== null ? Object.fromEntries(Object.entries(params)) : {};
}

async function rehearse(cli: Cli, { store }: Workspace, wanted: NewBackfill): Promise<Answer> {
  const report = previewReport(wanted, await store.previewBackfill(wanted));
  return { data: report, text: () => previewText(report, cli.out) };
}

interface Acting {
  readonly action: Action;
  readonly id: number;
  readonly options: Options;
}

async function act(cli: Cli, { action, id, options }: Acting): Promise<Answer> {
  const project = projectOf(cli);
  if (action === "show") return withWorkspace(cli, project, (workspace) => show(cli, workspace, id));
  if (action === "follow") return follow(cli, id);
  if (action === "cancel") return cancel(cli, id, options);
  if (action === "pause") {
    return withWorkspace(cli, project, async (workspace) =>
      backfillAnswer(cli, await acted(cli, workspace, { id, action })),
    );
  }
  return withWorker(cli, options, (worker) =>
    withWorkspace(cli, project, async (workspace) => {
      const before = await findBackfill(workspace.store, workspace.project.name, id);
      const goesOn = action === "resume" && before.state === "running";
      const backfill = goesOn ? before : await acted(cli, workspace, { id, action });
      return workOn(cli, workspace, { backfill, worker, options });
    }),
  );
}

/** Where no process works on it, this one sees its runs off, for they would be in flight for ever. */
async function cancel(cli: Cli, id: number, options: Options): Promise<Answer> {
  return withWorker(cli, options, (worker) =>
    withWorkspace(cli, projectOf(cli), async (workspace) => {
      const { store, project } = workspace;
      const before = await findBackfill(store, project.name, id);
      const other = await findBackfiller(store, hostProcesses(cli.clock), before);
      const isAgain = before.state === "cancelling" && other === undefined;
      const backfill = isAgain ? before : await acted(cli, workspace, { id, action: "cancel" });
      if (other === undefined && backfill.state === "cancelling") {
        await workOn(cli, workspace, { backfill, worker, options });
      }
      return backfillAnswer(cli, await findBackfill(store, project.name, id));
    }),
  );
}

async function show(cli: Cli, { store, project }: Workspace, id: number): Promise<Answer> {
  const found = await findBackfill(store, project.name, id);
  const answer = backfillAnswer(cli, found);
  const filter = { project: project.name, madeByBackfill: id, states: ["failed", "cancelled"] as const };
  const failed = (await store.runs({ ...filter, limit: FAILED_TOLD })).map(runReport);
  const lines = failed.map(({ id: run, ds, state }) => `  ${ds}  ${state}  run ${run}`);
  const text = () => [answer.text(), ...(lines.length === 0 ? [] : ["", "Failed:", ...lines])].join("\n");
  return { data: { ...backfillReport(found), failed }, text };
}

/** Moves it to the version that the project is of now (BF-6). */
async function follow(cli: Cli, id: number): Promise<Answer> {
  const compiled = await compile(cli, projectOf(cli));
  return withWorkspace(cli, compiled.project, async (workspace) => {
    const { store, project } = workspace;
    const found = await findBackfill(store, project.name, id);
    findPipeline(cli, compiled, found.pipeline);
    await store.saveVersion({ hash: compiled.hash, project: project.name, manifest: compiled.manifest });
    return backfillAnswer(cli, await acted(cli, workspace, { id, action: "follow", versionHash: compiled.hash }));
  });
}

async function acted(
  cli: Cli,
  { store, project }: Workspace,
  request: Pick<BackfillActionRequest, "id" | "action" | "versionHash">,
): Promise<BackfillRecord> {
  const result = await store.actOnBackfill({ project: project.name, actor: actorOf(cli), ...request });
  return doneOrThrow(cli, request.id, result);
}

function doneOrThrow(cli: Cli, id: number, result: BackfillActionResult): BackfillRecord {
  if (result.kind === "done") return result.backfill;
  const hint = commandText(cli, result.kind === "refused" ? `backfill show ${id}` : "backfills");
  if (result.kind === "refused") throw new BatutaError("conflict", result.message, { hint });
  throw new BatutaError("not_found", `There is no backfill ${id}.`, { hint: `${hint} lists them.` });
}

interface Work {
  readonly backfill: BackfillRecord;
  readonly worker: LocalWorker;
  readonly options: Options;
}

async function workOn(cli: Cli, workspace: Workspace, { backfill: found, worker, options }: Work): Promise<Answer> {
  const { store, project } = workspace;
  if (options.detach === true) {
    cli.note(`It is worked on by batuta dev, or by: ${commandText(cli, `backfill resume ${found.id}`)}`);
    return backfillAnswer(cli, found);
  }
  const version = await store.version(found.versionHash);
  const pipeline = version?.manifest.pipelines.find(({ name }) => name === found.pipeline);
  if (pipeline === undefined) throw new Error(`Backfill ${found.id} is of a version that has no ${found.pipeline}`);
  const end = await executeBackfill(cli, workspace, { backfill: found, pipeline, worker });
  return backfillAnswer(cli, await findBackfill(store, project.name, found.id), end);
}

function withWorker(cli: Cli, { slots }: Options, work: (worker: LocalWorker) => Promise<Answer>): Promise<Answer> {
  const count = slots === undefined ? undefined : wholeNumber("--slots", slots, { min: 1, max: 1_000 });
  return withLocalWorker(cli, projectOf(cli), { slots: count }, work);
}
