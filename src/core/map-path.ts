/**
 * Which copy of a mapped task a task run is (architecture.md, Identity): the indexes of its items from the outermost map
 * inward, `""` without a map, `"3"`, `"3.7"`.
 */
export type MapPath = string;

/** How many maps a path has gone through. */
export function depthOfPath(path: MapPath): number {
  return path === "" ? 0 : path.split(".").length;
}

/** The beginning of a path that belongs to the outer `levels` maps; the path itself when it is no deeper. */
export function outerPath(path: MapPath, levels: number): MapPath {
  if (levels === 0 || path === "") return "";
  const parts = path.split(".");
  return parts.length <= levels ? path : parts.slice(0, levels).join(".");
}

/** The path of one item of a map that this path has come to. */
export function itemPath(path: MapPath, item: number): MapPath {
  return path === "" ? String(item) : `${path}.${item}`;
}

/** The index of the innermost item; undefined without a map. */
export function lastItem(path: MapPath): number | undefined {
  return path === "" ? undefined : Number(path.slice(path.lastIndexOf(".") + 1));
}

/** A task run of a run: which task, and which copy of it. */
export interface Position {
  readonly index: number;
  readonly path: MapPath;
}
