import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { closestName } from "../core/closest-name.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { localFiles } from "../ports/files.ts";

/** Marks the root of a version's sources; the loader writes it. */
const VERSION_MARK = ".batuta-version";

/** A file of the user's project that a task is made of, such as an SQL script. */
export interface ProjectFile {
  /** Relative to the project folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads a file of the project that the calling pipeline file belongs to. In a version, that is the version's own copy:
 * a run goes on with the files it began with. Paths are relative to the project folder. Throws `invalid_definition`.
 */
export function projectFile(path: string, at: SourceLocation): ProjectFile {
  const root = projectRoot(at);
  const absolute = join(root, path);
  const inside = relative(root, absolute).replaceAll("\\", "/");
  if (inside.startsWith("..") || path.startsWith("/")) {
    throw fileError(`${path} does not lie in the project folder.`, at, "Name a file relative to the project folder.");
  }
  if (localFiles.stat(absolute)?.kind === "file") return { path: inside, text: localFiles.readText(absolute) };
  const names = localFiles.list(dirname(absolute)).map(({ name }) => name);
  const meant = closestName(basename(absolute), names);
  const hint = meant === undefined ? "Paths are relative to the project folder." : `Did you mean "${meant}"?`;
  throw fileError(`There is no file ${inside} in the project.`, at, hint);
}

function projectRoot(at: SourceLocation): string {
  const file = at.file.startsWith("file:") ? fileURLToPath(at.file) : at.file;
  const folders = [...upward(dirname(file))];
  const version = folders.find((folder) => localFiles.exists(join(folder, VERSION_MARK)));
  return version ?? folders.find(isProjectRoot) ?? dirname(file);
}

function isProjectRoot(folder: string): boolean {
  return (
    localFiles.exists(join(folder, "batuta.json")) || localFiles.stat(join(folder, "pipelines"))?.kind === "folder"
  );
}

function* upward(start: string): Generator<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
}

function fileError(message: string, location: SourceLocation, hint: string): BatutaError {
  return new BatutaError("invalid_definition", message, { location, hint });
}
