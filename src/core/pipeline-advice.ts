import type { Advice } from "./advice.ts";
import { fallbackAdvice } from "./fallback-advice.ts";
import { joinAdvice } from "./join-advice.ts";
import type { PipelineSpec } from "./manifest.ts";
import { setupAdvice } from "./setup-advice.ts";

/** What to tell the author of a pipeline that is sound. */
export function pipelineAdvice(pipeline: Pick<PipelineSpec, "tasks">): readonly Advice[] {
  return [...joinAdvice(pipeline), ...fallbackAdvice(pipeline), ...setupAdvice(pipeline)];
}
