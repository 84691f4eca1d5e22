import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";

/** Whether a run may have several of it, by a map or by a group that is tried again. */
export function isRepeated({ map, group }: Pick<TaskSpec, "map" | "group">, { groups = [] }: Groups): boolean {
  const around = group === undefined ? undefined : groups[group];
  if (map !== undefined || around?.retries !== undefined) return true;
  return around !== undefined && isRepeated({ ...mapOf(around), ...parentOf(around) }, { groups });
}

type Groups = Pick<PipelineSpec, "groups">;
type Group = NonNullable<PipelineSpec["groups"]>[number];

function mapOf({ map }: Group): Pick<TaskSpec, "map"> {
  return map === undefined ? {} : { map };
}

function parentOf({ parent }: Group): Pick<TaskSpec, "group"> {
  return parent === undefined ? {} : { group: parent };
}
