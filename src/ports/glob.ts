import { globSync } from "node:fs";

/** Paths that match an absolute pattern: `*` and `?` within a name, `**` for folders, `{a,b}` for either. */
export function globFiles(pattern: string): string[] {
  return globSync(pattern);
}
