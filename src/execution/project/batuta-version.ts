import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Hex } from "../../ports/digest.ts";
import type { Files } from "../../ports/files.ts";

/** The rooms whose code decides what a project compiles to. */
const ROOMS = ["core", "sdk", "tasks", "execution/project"];

/** Version of this package, from the nearest package.json that is called `batuta`. */
export function batutaVersion(files: Files): string {
  for (let dir = here(); dirname(dir) !== dir; dir = dirname(dir)) {
    const path = join(dir, "package.json");
    if (!files.exists(path)) continue;
    const { name, version }: { name?: string; version?: string } = JSON.parse(files.readText(path));
    if (name === "batuta" && version !== undefined) return version;
  }
  return "0.0.0";
}

/**
 * Changes with the files of this package: a compiled project is compiled anew when Batuta itself has been edited or
 * reinstalled under the same version number. It is in no hash, only in the cache.
 */
export function builderFingerprint(files: Files): string {
  const source = join(here(), "..", "..");
  const lines: string[] = [];
  for (const room of ROOMS) list(join(source, room), files, lines);
  return sha256Hex(lines.join("\n"));
}

function list(folder: string, files: Files, lines: string[]): void {
  for (const { name, kind } of files.list(folder)) {
    const path = join(folder, name);
    if (kind === "folder") list(path, files, lines);
    else if (!name.includes(".test.")) lines.push(`${path} ${files.stat(path)?.bytes} ${files.stat(path)?.modifiedMs}`);
  }
}

function here(): string {
  return dirname(fileURLToPath(import.meta.url));
}
