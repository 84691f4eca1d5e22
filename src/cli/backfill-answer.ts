import { BatutaError } from "../core/problem.ts";
import type { BackfillRecord } from "../store/backfill-records.ts";
import { backfillReport } from "./backfill-report.ts";
import type { Answer, Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { problemText } from "./envelope.ts";
import type { BackfillEnd } from "./execute-backfill.ts";
import { backfillText } from "./terminal/backfill-text.ts";
import { counted } from "./terminal/counted.ts";

/** What is said of a backfill after this process has worked on it or watched it; absent `end` = it was only looked at. */
export function backfillAnswer(cli: Cli, backfill: BackfillRecord, end?: BackfillEnd): Answer {
  const report = backfillReport(backfill);
  const failure = end === undefined ? undefined : verdict(cli, backfill, end);
  return {
    data: report,
    text: () => backfillText(report, cli.out),
    ...(failure === undefined ? {} : { failure, afterword: () => problemText(failure, cli.err) }),
  };
}

function verdict(cli: Cli, { id, state, runs }: BackfillRecord, end: BackfillEnd): BatutaError | undefined {
  const resume = `Go on with it:  ${commandText(cli, `backfill resume ${id}`)}`;
  if (end === "paused") return new BatutaError("interrupted", `Backfill ${id} is paused.`, { hint: resume });
  if (end === "left") {
    return new BatutaError("interrupted", `Backfill ${id} goes on in another process.`, {
      hint: `Watch it again:  ${commandText(cli, `backfill resume ${id}`)}\nPause it:  ${commandText(cli, `backfill pause ${id}`)}`,
    });
  }
  if (state === "cancelled") return new BatutaError("run_failed", `Backfill ${id} was cancelled.`);
  const failed = runs.failed + runs.cancelled;
  if (failed === 0) return undefined;
  return new BatutaError("run_failed", `${counted(failed, "run")} of backfill ${id} failed.`, {
    hint: [
      `See which:  ${commandText(cli, `backfill show ${id}`)}`,
      `Run them again from where they failed:  ${commandText(cli, `backfill retry ${id}`)}`,
      `After a change of the pipeline, first:  ${commandText(cli, `backfill follow ${id}`)}`,
    ].join("\n"),
  });
}
