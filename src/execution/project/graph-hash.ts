import { fileURLToPath } from "node:url";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { PipelineSpec, SourceLocation } from "../../core/manifest.ts";
import { sha256Hex } from "../../ports/digest.ts";

type HashedSpec = Omit<PipelineSpec, "graphHash">;

/**
 * SHA-256 (hex) of what a pipeline says, without the places where it says it: a task process that rebuilds the
 * pipeline from the kept sources must get the same one, whatever its loader does to line numbers.
 */
export function graphHash(spec: HashedSpec & { readonly graphHash?: string }): string {
  const { location: _place, graphHash: _known, tasks, groups, triggers, ...rest } = spec;
  const parts = {
    tasks: placeless(tasks),
    ...(groups && { groups: placeless(groups) }),
    ...(triggers && { triggers: placeless(triggers) }),
  };
  return sha256Hex(canonicalJson({ ...rest, ...parts }));
}

function placeless(parts: readonly { readonly location: SourceLocation }[]): readonly object[] {
  return parts.map(({ location: _place, ...part }) => part);
}

/** The same specification with its places relative to the project folder, with `/` on every system. */
export function relativeSpec(spec: HashedSpec, rootDir: string): HashedSpec {
  const relative = relativePlaces(rootDir);
  const moved = <Part extends { readonly location: SourceLocation }>(part: Part): Part => {
    return { ...part, location: relative(part.location) };
  };
  return {
    ...spec,
    location: relative(spec.location),
    tasks: spec.tasks.map(moved),
    ...(spec.groups && { groups: spec.groups.map(moved) }),
    ...(spec.triggers && { triggers: spec.triggers.map(moved) }),
  };
}

/** A place relative to the project folder. A file outside keeps its whole path. */
export function relativeLocation(location: SourceLocation, rootDir: string): SourceLocation {
  return relativePlaces(rootDir)(location);
}

/** Whether a relative place lies within the project. */
export function isInside(location: SourceLocation): boolean {
  return !location.file.startsWith("/") && !location.file.includes("node_modules/") && location.file !== "unknown";
}

/** Nearly all places of a pipeline are in the same file, so the last answer is kept. */
function relativePlaces(rootDir: string): (location: SourceLocation) => SourceLocation {
  const prefix = rootDir.endsWith("/") ? rootDir : `${rootDir}/`;
  let seen = "";
  let answer = "";
  return (location) => {
    if (location.file !== seen) {
      seen = location.file;
      const path = seen.startsWith("file:") ? fileURLToPath(seen) : seen;
      const slashed = path.replaceAll("\\", "/");
      answer = slashed.startsWith(prefix) ? slashed.slice(prefix.length) : slashed;
    }
    return { ...location, file: answer };
  };
}
