import type { SourceLocation } from "../core/source-location.ts";
import type { FileSource } from "../core/trigger/trigger-spec.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf } from "./option-values.ts";
import { makeTrigger, TRIGGER_OPTION_NAMES, type Trigger, type TriggerOptions } from "./trigger-options.ts";

/**
 * When a file counts, and what becomes of those that are there already.
 *
 * @example
 * const options: OnFileOptions = { stableFor: "30s", existing: "ignore", batch: { every: "1m" } };
 */
export interface OnFileOptions extends TriggerOptions {
  /** So long a file must not have changed; `"5s"` when absent, `0` does not look. */
  readonly stableFor?: string | number;
  /** How often somebody looks; `"10s"` when absent. */
  readonly pollEvery?: string | number;
  /** `"count"`, when absent: files that are there at the first look start runs; `"ignore"`: not unless they change. */
  readonly existing?: FileSource["existing"];
}

/**
 * Starts a run for each file that matches a pattern and has stopped growing: `*` and `?` within a name, `**` for folders,
 * `{a,b}` for either; relative to the project folder, or absolute. A file that changes counts again. Tasks find the files
 * in `events` of their context, each with `{ path, size, modifiedAt }` as its payload.
 *
 * @example
 * pipeline("load", { on: onFile("in/*.csv", { params: { file: "{{ event.path }}" } }) }, ({ task }) => {
 *   task("copy", ({ events }) => events.map(({ payload }) => payload));
 * });
 */
export function onFile(glob: string, options: OnFileOptions = {}): Trigger {
  const at = callSite(onFile);
  checkGlob(glob, at);
  const what = `onFile("${glob}")`;
  checkOptionNames(options, [...TRIGGER_OPTION_NAMES, "stableFor", "pollEvery", "existing"], what, at);
  const { stableFor = "5s", pollEvery = "10s", existing = "count" } = options;
  if (existing !== "count" && existing !== "ignore") {
    throw definitionError(`\`existing\` of ${what} is ${describe(existing)}.`, at, 'Write "count" or "ignore".');
  }
  const stableForMs = durationOf(stableFor, `\`stableFor\` of ${what}`, at);
  const pollEveryMs = durationOf(pollEvery, `\`pollEvery\` of ${what}`, at, { min: POLL_EVERY_MS_MIN });
  return makeTrigger({ kind: "file", glob, stableForMs, pollEveryMs, existing }, options, { what, at, name: "files" });
}

const POLL_EVERY_MS_MIN = 100;
const GLOB_LENGTH_MAX = 1_000;

function checkGlob(glob: unknown, at: SourceLocation): void {
  const fault = globFault(glob);
  if (fault === undefined) return;
  throw definitionError(`The pattern ${describe(glob)} of onFile ${fault}.`, at, 'Write it: onFile("in/**/*.csv").');
}

/** What a search would take for a plain name, and never find. */
function globFault(glob: unknown): string | undefined {
  if (typeof glob !== "string") return "is no text";
  if (glob === "") return "is empty";
  if (glob.length > GLOB_LENGTH_MAX) return `has ${glob.length} characters; ${GLOB_LENGTH_MAX} are allowed`;
  if (glob.includes("\0")) return "holds a NUL character";
  if (glob.includes("{{")) return "holds a template, but is the same for all runs: use *";
  if (glob.endsWith("/")) return "names a folder, not files";
  const bare = glob.replaceAll(/\\./g, "");
  if (count(bare, "{") !== count(bare, "}")) return "has a brace without its other one";
  return count(bare, "[") === count(bare, "]") ? undefined : "has a bracket without its other one";
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
