import { formatDuration } from "../../core/duration.ts";
import type { RunRecord } from "../../store/store.ts";
import type { Output } from "./output.ts";
import { paintState, stateIcon, stateLabel } from "./state-style.ts";

/** A run in one line: `flights  2026-01-02  ✔ success in 3.2 s  run 0199…`. */
export function runTitle(
  {
    pipeline,
    ds,
    state,
    id,
    startedAt,
    finishedAt,
  }: Pick<RunRecord, "pipeline" | "ds" | "state" | "id" | "startedAt" | "finishedAt">,
  { colors }: Pick<Output, "colors">,
): string {
  const lasted =
    startedAt === undefined || finishedAt === undefined ? "" : ` in ${formatDuration(finishedAt - startedAt)}`;
  const outcome = paintState(colors, state, `${stateIcon(state)} ${stateLabel(state)}${lasted}`);
  return `${colors.bold(pipeline)}  ${ds}  ${outcome}  ${colors.dim(`run ${id}`)}`;
}
