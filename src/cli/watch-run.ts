import { isJunction } from "../core/junction.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { isRunFinished } from "../core/state.ts";
import { followRun } from "../engine/follow-run.ts";
import { sleep } from "../ports/clock.ts";
import type { EventRecord, RunRecord, Store } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { type DeadlineChange, type RunChange, RunProgress, type TaskChange } from "./run-progress.ts";
import { shortId } from "./run-reference.ts";
import { changeLine } from "./terminal/change-line.ts";
import { LiveRun } from "./terminal/live-run.ts";
import { RedrawnBlock } from "./terminal/redrawn-block.ts";

/** Rows are looked at this often: as quick as an eye, and little work. */
const LOOK_MS = 50;

export interface WatchedRun {
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  /** Cursor of the last event of an earlier execution; absent = show all. */
  readonly after?: string;
}

/** A database that does not answer for so long will not, as far as somebody who watches is concerned. */
const OUTAGE_MS_MAX = 30_000;
const OUTAGE_RETRY_MS = 1_000;

/**
 * Shows a run on stderr until it has ended, whoever executes it: a picture that is drawn again in place on a terminal,
 * a line for each change elsewhere, nothing under `--quiet`. Ends early when `stop` resolves.
 */
export async function watchRun(
  cli: Cli,
  store: Pick<Store, "events" | "taskRuns">,
  watched: WatchedRun,
  stop: Promise<void>,
): Promise<void> {
  const { run, pipeline, after } = watched;
  const taskRuns = await store.taskRuns(run.id);
  const isHidden = (task: number): boolean => {
    const spec = pipeline.tasks[task];
    return spec !== undefined && isJunction(spec);
  };
  const state = isRunFinished(run.state) ? "running" : run.state;
  const progress = new RunProgress(state, taskRuns, startOf(run), isHidden);
  const indexes = new Set(taskRuns.map((row) => row.taskIndex).filter((index) => !isHidden(index)));
  const included = [...indexes].sort((one, other) => one - other);
  const block = cli.err.isTty && !cli.globals.quiet ? liveBlock(cli, watched, progress, included) : undefined;
  const lines = block === undefined && !cli.globals.quiet;
  block?.start();
  if (block !== undefined) cli.tellThrough((text) => block.above(text));
  try {
    for await (const events of untilStopped(patientEvents(cli, store, run.id, after), stop)) {
      for (const event of events) {
        const change = progress.apply(event);
        const line = lines && change !== undefined ? lineOf(change, watched, progress, cli) : undefined;
        if (line !== undefined) cli.err.write(`${line}\n`);
      }
    }
  } finally {
    cli.tellThrough(undefined);
    // The summary on stdout shows the same and more; where it goes elsewhere, the last picture stays.
    block?.stop(cli.out.isTty && !cli.globals.json ? "nothing" : "picture");
  }
}

function lineOf(
  change: TaskChange | RunChange | DeadlineChange,
  { pipeline }: WatchedRun,
  progress: RunProgress,
  { err }: Cli,
): string | undefined {
  return changeLine(change, pipeline, err, change.kind === "task" ? progress.task(change.task)?.copies : undefined);
}

/** The events of a run, page by page, over outages of the database too. */
async function* patientEvents(
  cli: Cli,
  store: Pick<Store, "events">,
  run: string,
  after: string | undefined,
): AsyncGenerator<readonly EventRecord[]> {
  let cursor = after;
  let downSince: number | undefined;
  for (;;) {
    try {
      const following = { run, everyMs: LOOK_MS, ...(cursor === undefined ? {} : { after: cursor }) };
      for await (const events of followRun(store, cli.clock, following)) {
        downSince = undefined;
        cursor = events.at(-1)?.cursor ?? cursor;
        yield events;
      }
      return;
    } catch (error) {
      downSince ??= cli.clock.mono();
      const hopeless = cli.clock.mono() - downSince >= OUTAGE_MS_MAX;
      if (hopeless || !(error instanceof BatutaError && error.code === "store_unreachable")) throw error;
      await sleep(cli.clock, OUTAGE_RETRY_MS);
    }
  }
}

/**
 * Ends when the items do, or when `stop` resolves, whichever is first. `stop` is heard once and not raced against every
 * item: a promise keeps all that was ever raced against it, here each event of the run.
 */
async function* untilStopped<T>(items: AsyncGenerator<T>, stop: Promise<void>): AsyncGenerator<T> {
  let isStopped = false;
  let wake = (): void => {};
  void stop.then(() => {
    isStopped = true;
    wake();
  });
  while (!isStopped) {
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    wake = () => resolve(undefined);
    const next = await Promise.race([items.next(), stopped]);
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

/** The cursor of the newest event of a run: where watching begins when the run is executed once more. */
export async function lastCursor(store: Pick<Store, "events">, run: RunRecord): Promise<string | undefined> {
  let cursor: string | undefined;
  for (;;) {
    const page = await store.events({
      run: run.id,
      limit: EVENTS_PAGE,
      ...(cursor === undefined ? {} : { after: cursor }),
    });
    cursor = page.cursor ?? cursor;
    if (page.events.length < EVENTS_PAGE) return cursor;
  }
}

const EVENTS_PAGE = 1_000;

function startOf(run: RunRecord): number | undefined {
  return run.state === "running" || run.state === "cancelling" ? run.startedAt : undefined;
}

function liveBlock(
  cli: Cli,
  { run, pipeline }: WatchedRun,
  progress: RunProgress,
  included: readonly number[],
): RedrawnBlock {
  const live = new LiveRun(pipeline, included, { pipeline: run.pipeline, ds: run.ds, shortId: shortId(run.id) });
  return new RedrawnBlock(cli.err, cli.clock, () => live.lines(progress, cli.clock.wall(), cli.err));
}
