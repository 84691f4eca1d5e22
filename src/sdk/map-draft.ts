import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { MAP_LIMIT_MAX } from "../core/map-source.ts";
import { parseJson, toJsonText } from "../core/serialize-value.ts";
import { definitionError } from "./call-site.ts";
import type { MapDraft } from "./drafts.ts";
import type { MapOptions, MapSource } from "./map-options.ts";
import { describe, wholeNumberOf } from "./option-values.ts";
import { ownName, type ReferencePlace } from "./references.ts";
import { isTaskRef } from "./task-ref.ts";

const LIMIT_DEFAULT = 100_000;
const MAP_OPTION_NAMES = ["label", "maxParallel", "onEmpty", "mapLimit"] as const;
const PATH = /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*$/;

/** Reads `map` and what belongs to it; undefined without one. */
export function readMap(options: MapOptions<MapSource>, place: ReferencePlace): MapDraft | undefined {
  const { map, maxParallel, mapLimit = LIMIT_DEFAULT } = options;
  const { what, at } = place;
  if (map === undefined) {
    const needless = MAP_OPTION_NAMES.find((name) => options[name] !== undefined);
    if (needless === undefined) return undefined;
    throw definitionError(`\`${needless}\` of ${what} says something of a map, but there is no \`map\`.`, at, MAP_HINT);
  }
  const limit = wholeNumberOf(mapLimit, `\`mapLimit\` of ${what}`, at, { min: 1, max: MAP_LIMIT_MAX });
  return {
    over: isTaskRef(map)
      ? { kind: "task", name: ownName(map, place) }
      : { kind: "items", items: itemsOf(map, limit, place) },
    ...labelOf(options.label, what, at),
    ...(maxParallel === undefined
      ? {}
      : { maxParallel: wholeNumberOf(maxParallel, `\`maxParallel\` of ${what}`, at, { min: 1 }) }),
    ...onEmptyOf(options.onEmpty, what, at),
    limit,
  };
}

const MAP_HINT = 'Write map: files where `files` is what task(…) returned, or a list: map: ["eu", "us"].';

function itemsOf(given: unknown, limit: number, { what, at }: ReferencePlace): Json {
  if (!Array.isArray(given)) throw definitionError(`\`map\` of ${what} is ${describe(given)}, no list.`, at, MAP_HINT);
  if (given.length > limit) {
    const hint = `Raise mapLimit (${MAP_LIMIT_MAX} at most), or let one task run do several items.`;
    throw definitionError(`\`map\` of ${what} has ${given.length} items; ${limit} are allowed.`, at, hint);
  }
  const text = toJsonText(given);
  if (!text.ok)
    throw definitionError(`\`map\` of ${what} cannot be kept: ${text.path} ${text.problem}.`, at, text.hint);
  return parseJson(text.json);
}

function labelOf(given: unknown, what: string, at: SourceLocation): Pick<MapDraft, "label"> {
  if (given === undefined) return {};
  if (typeof given === "string" && PATH.test(given)) return { label: given };
  const hint = 'Write the path of a property of the items: label: "customer.name".';
  throw definitionError(`\`label\` of ${what} is ${describe(given)}.`, at, hint);
}

function onEmptyOf(given: unknown, what: string, at: SourceLocation): Pick<MapDraft, "onEmpty"> {
  if (given === undefined) return {};
  if (given === "success") return { onEmpty: given };
  const hint = 'Write onEmpty: "success"; without it an empty list skips.';
  throw definitionError(`\`onEmpty\` of ${what} is ${describe(given)}.`, at, hint);
}
