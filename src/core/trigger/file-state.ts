/** A file as it was when somebody looked: once it has changed, it is another state. */
export interface FileState {
  /** Relative to the project folder, or absolute where the pattern was. */
  readonly path: string;
  readonly size: number;
  /** UTC milliseconds with fractions. */
  readonly modifiedMs: number;
}

/** Equal for the same state of the same file alone. */
export function fileStateId({ path, size, modifiedMs }: FileState): string {
  return `${path} ${modifiedMs} ${size}`;
}

/** In the order in which they were written. */
export function inOrderOfChange(files: readonly FileState[]): readonly FileState[] {
  return [...files].sort((one, other) => one.modifiedMs - other.modifiedMs || (one.path < other.path ? -1 : 1));
}
