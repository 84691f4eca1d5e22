import { BatutaError } from "../core/problem.ts";
import { sleep } from "../ports/clock.ts";
import type { BackfillRecord } from "../store/backfill-records.ts";
import type { Store } from "../store/store.ts";
import { type Pace, standstill, timeLeft } from "./backfill-estimate.ts";
import { doneOf, skippedOf } from "./backfill-report.ts";
import type { Cli } from "./cli.ts";
import { type Outlook, progressLine, progressText } from "./terminal/backfill-text.ts";
import { RedrawnBlock } from "./terminal/redrawn-block.ts";

/** Rows are looked at this often: its runs are counted each time. */
const LOOK_MS = 300;
/** A line so often where nothing is drawn. */
const LINE_MS = 10_000;
/** A database that does not answer for so long will not, as far as somebody who watches is concerned. */
const OUTAGE_MS_MAX = 30_000;
/** The last runs that succeeded tell how long one takes. */
const RECORDED_RUNS = 10;

/**
 * Shows a backfill on stderr until it has ended, whoever works on it: a bar that is drawn again in place on a terminal, a
 * line now and then elsewhere, nothing under `--quiet`. Ends early when `stop` resolves.
 */
export async function watchBackfill(
  cli: Cli,
  store: Pick<Store, "backfill" | "runs">,
  backfill: BackfillRecord,
  stop: Promise<void>,
): Promise<void> {
  const watch = new BackfillWatch(cli, backfill, await recordedMs(store, backfill));
  let isStopped = false;
  const stopped = stop.then(() => {
    isStopped = true;
  });
  watch.start();
  try {
    while (!isStopped && !isEnded(watch.seen)) {
      await Promise.race([sleep(cli.clock, LOOK_MS), stopped]);
      const seen = await watch.patiently(() => store.backfill(backfill.project, backfill.id));
      if (seen !== undefined) watch.see(seen);
    }
  } finally {
    watch.stop();
  }
}

function isEnded({ state }: BackfillRecord): boolean {
  return state === "done" || state === "cancelled";
}

/** What a run of the pipeline usually takes. */
async function recordedMs(
  store: Pick<Store, "runs">,
  { project, pipeline }: BackfillRecord,
): Promise<number | undefined> {
  const runs = await store.runs({ project, pipeline, states: ["success"], limit: RECORDED_RUNS });
  const took = runs.flatMap(({ startedAt, finishedAt }) =>
    startedAt === undefined || finishedAt === undefined ? [] : [finishedAt - startedAt],
  );
  return took.length === 0 ? undefined : took.reduce((sum, ms) => sum + ms, 0) / took.length;
}

class BackfillWatch {
  seen: BackfillRecord;
  readonly #cli: Cli;
  readonly #first: BackfillRecord;
  readonly #runMs: number | undefined;
  readonly #since: number;
  readonly #block: RedrawnBlock | undefined;
  #toldAt: number;
  #told = "";
  #endedAt: number;
  #downSince: number | undefined;

  constructor(cli: Cli, backfill: BackfillRecord, runMs: number | undefined) {
    this.seen = backfill;
    this.#cli = cli;
    this.#first = backfill;
    this.#runMs = runMs;
    this.#since = cli.clock.mono();
    this.#toldAt = this.#since;
    this.#endedAt = this.#since;
    const isDrawn = cli.err.isTty && !cli.globals.quiet;
    this.#block = isDrawn
      ? new RedrawnBlock(cli.err, cli.clock, () => [progressLine(this.seen, this.#outlook(), cli.err)])
      : undefined;
  }

  start(): void {
    const block = this.#block;
    block?.start();
    if (block !== undefined) this.#cli.tellThrough((text) => block.above(text));
  }

  see(backfill: BackfillRecord): void {
    const isNews = backfill.state !== this.seen.state;
    if (isNews || doneOf(backfill) !== doneOf(this.seen)) this.#endedAt = this.#cli.clock.mono();
    this.seen = backfill;
    if (this.#block !== undefined) return;
    if (isNews || this.#cli.clock.mono() - this.#toldAt >= LINE_MS) this.#tell();
  }

  stop(): void {
    this.#cli.tellThrough(undefined);
    this.#block?.stop(this.#cli.out.isTty && !this.#cli.globals.json ? "nothing" : "picture");
  }

  /** Over outages of the database; undefined = it does not answer at the moment. */
  async patiently<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      const found = await read();
      this.#downSince = undefined;
      return found;
    } catch (error) {
      this.#downSince ??= this.#cli.clock.mono();
      const isHopeless = this.#cli.clock.mono() - this.#downSince >= OUTAGE_MS_MAX;
      if (isHopeless || !(error instanceof BatutaError && error.code === "store_unreachable")) throw error;
      return undefined;
    }
  }

  #tell(): void {
    this.#toldAt = this.#cli.clock.mono();
    const text = progressText(this.seen, this.#outlook(), this.#cli.err);
    if (text === this.#told) return;
    this.#told = text;
    this.#cli.note(text);
  }

  #outlook(): Outlook {
    const ended = endedOf(this.seen) - endedOf(this.#first);
    const now = this.#cli.clock.mono();
    const pace: Pace = {
      ...{ watchedMs: now - this.#since, ended: Math.max(ended, 0), stillMs: now - this.#endedAt },
      ...(this.#runMs === undefined ? {} : { runMs: this.#runMs }),
    };
    return { stillMs: standstill(pace), leftMs: timeLeft(this.seen, pace) };
  }
}

function endedOf(backfill: BackfillRecord): number {
  return doneOf(backfill) - skippedOf(backfill.skipped);
}
