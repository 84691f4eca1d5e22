import { doneReason } from "../../core/done-reason.ts";
import type { AttemptOrder, AttemptResult } from "../executor.ts";
import type { FailedMessage, SucceededMessage } from "./messages.ts";

/** A success as a task process answered it. */
export function successOf(
  { task }: AttemptOrder,
  message: SucceededMessage,
  valueJson: string | undefined,
): AttemptResult {
  if (message.doneWhen) return { kind: "success", reason: doneReason(task.doneWhenAsset) };
  const { outputs } = task;
  return {
    kind: "success",
    ...(message.blob === undefined ? {} : { output: { kind: "blob", ...message.blob } }),
    ...(valueJson === undefined ? {} : { output: { kind: "inline", json: valueJson } }),
    ...(message.items === undefined ? {} : { items: message.items }),
    ...(message.cursor === undefined ? {} : { cursor: message.cursor }),
    ...(outputs.length === 0 ? {} : { materialisations: outputs.map(({ key }) => ({ asset: key })) }),
  };
}

/** A failure as a task process answered it. */
export function failedOf({ failure, retryAfterMs }: FailedMessage): AttemptResult {
  return { kind: "failed", failure, ...(retryAfterMs === undefined ? {} : { advice: { retryAfterMs } }) };
}
