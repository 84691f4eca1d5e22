import type { TaskFunctions } from "../../core/definition.ts";
import type { Failure } from "../../core/failure.ts";
import type { Json } from "../../core/json.ts";
import { parseJson, toJsonText } from "../../core/serialize-value.ts";
import type { TaskContext } from "../../core/task-context.ts";
import { thrownFailure } from "./thrown-failure.ts";

/** What the user's key function says, as JSON. Never rejects. */
export async function askCacheKey(
  { cacheKey }: TaskFunctions,
  context: TaskContext,
  rootDir: string,
): Promise<{ readonly key: Json } | { readonly failure: Failure }> {
  try {
    const answered = await cacheKey?.(context);
    if (answered === undefined) return { failure: { reason: "error", message: "it returned undefined" } };
    const text = toJsonText(answered);
    if (!text.ok) return { failure: { reason: "invalid_output", message: `${text.path} ${text.problem}` } };
    return { key: parseJson(text.json) };
  } catch (thrown) {
    return { failure: thrownFailure(thrown, rootDir) };
  }
}
