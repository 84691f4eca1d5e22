import type { Json } from "../core/json.ts";
import { parseJson, toJsonText } from "../core/serialize-value.ts";
import { CURSOR_BYTES_MAX, type CursorSpec, type SourceCursor } from "../core/source-cursor.ts";
import type { SourceLocation } from "../core/source-location.ts";
import { definitionError } from "./call-site.ts";
import type { Drafts, TaskDraft } from "./drafts.ts";
import type { GroupTree } from "./group-tree.ts";
import { checkOptionNames, nameOf } from "./option-values.ts";

/**
 * The name of a cursor, and what it is before anything has moved it.
 *
 * @example
 * const cursor: CursorOption = { name: "orders", initial: { lastId: 0 } };
 */
export type CursorOption = string | { readonly name: string; readonly initial?: unknown };

/**
 * What a task with a cursor finds in its context beside the rest.
 *
 * @example
 * const readAll = ({ cursor }: CursorContext<number>): void => cursor.advance(cursor.value + 1);
 */
export interface CursorContext<T = Json> {
  /** How far the source has been read. */
  readonly cursor: SourceCursor<T>;
}

/**
 * What a cursor holds, by what it begins with.
 *
 * @example
 * type Value = CursorValueOf<{ name: "orders"; initial: 0 }>; // number
 */
export type CursorValueOf<C> = C extends { readonly initial: infer T } ? Widened<T> : Json;

type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends readonly (infer E)[]
        ? Widened<E>[]
        : T extends object
          ? { [K in keyof T]: Widened<T[K]> }
          : T;

export function readCursor(given: unknown, what: string, at: SourceLocation): CursorSpec | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string") return { name: nameOf(given, `\`cursor\` of ${what}`, at) };
  checkOptionNames<{ readonly name: unknown; readonly initial?: unknown }>(
    given,
    ["name", "initial"],
    `\`cursor\` of ${what}`,
    at,
  );
  const name = nameOf(given.name, `\`name\` in \`cursor\` of ${what}`, at);
  if (given.initial === undefined) return { name };
  return { name, initial: initialOf(given.initial, `\`initial\` in \`cursor\` of ${what}`, at) };
}

function initialOf(given: unknown, what: string, at: SourceLocation): Json {
  const text = toJsonText(given);
  if (!text.ok) throw definitionError(`${what} cannot be kept: ${text.path} ${text.problem}.`, at, text.hint);
  if (text.bytes <= CURSOR_BYTES_MAX) return parseJson(text.json);
  const hint = "Keep in it where to begin, such as the first id, and the rest elsewhere.";
  throw definitionError(`${what} has ${text.bytes} bytes, more than 64 KiB.`, at, hint);
}

/**
 * Refuses what would lose a batch: a copy of a map, of which there are many at once; a member of a group that is tried
 * again, which would read the batch after the one that failed; and a result that is taken from the cache without reading.
 */
export function checkCursors({ tasks }: Drafts, tree: GroupTree): void {
  for (const draft of tasks) {
    if (draft.spec.cursor === undefined) continue;
    const why = contradiction(draft, tree);
    if (why === undefined) continue;
    const [problem, hint] = why;
    throw definitionError(`Task "${draft.name}" has a \`cursor\` and ${problem}.`, draft.location, hint);
  }
}

function contradiction({ map, group, spec }: TaskDraft, tree: GroupTree): readonly [string, string] | undefined {
  if (map !== undefined) return ["is mapped", READ_BEFORE];
  if (spec.cache !== undefined) return ["a `cache`", "Leave the cache away: each batch is another one."];
  if (spec.execution.via === "pipeline") {
    return ["starts a pipeline", "Give the cursor to the task of that pipeline which reads the source."];
  }
  if (spec.execution.via === "sensor") {
    return ["waits for something outside", "Read the source in a task after it, and give that one the cursor."];
  }
  const boundary = tree.boundary(group);
  if (boundary === undefined) return undefined;
  const name = tree.groups[boundary]?.name ?? "";
  return tree.isMapped(boundary)
    ? [`is one of many in mapped group "${name}"`, READ_BEFORE]
    : [
        `belongs to group "${name}", which is tried again as a whole: it would read the next batch then`,
        "Read the source in a task before the group, and give its members what it read as an input.",
      ];
}

const READ_BEFORE = "Read the source in a task before the map, and map over what it returns.";
