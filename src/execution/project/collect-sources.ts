import { join } from "node:path";
import { formatBytes } from "../../core/bytes.ts";
import { BatutaError } from "../../core/problem.ts";
import type { FileStat, Files, FolderEntry } from "../../ports/files.ts";
import type { Project } from "./find-project.ts";
import type { ProjectProblem } from "./problem.ts";

/** A source file of a project, as it was when it was read. */
export interface SourceFile {
  /** Relative to the project folder, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface CollectedSources {
  /** Sorted by path. */
  readonly sources: readonly SourceFile[];
  readonly problems: readonly ProjectProblem[];
}

/** What can be known of the sources without reading them. */
export interface ListedSources {
  /** Folders that may hold sources, relative to the project folder; the project folder itself is "". */
  readonly folders: readonly string[];
  /** Path of each source -> what changes when it is written, as far as size and time of change tell. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** What code and its configuration are made of. Everything else is data: read where it is, kept with no version. */
const EXTENSIONS = new Set("ts mts cts js mjs cjs json sql py sh yaml yml toml md txt csv".split(" "));
const LOCK_FILES = new Set(["yarn.lock", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "bun.lock"]);
/** Larger tables are data. */
const CSV_BYTES_MAX = 1024 * 1024;
const FOLDERS_LEFT_OUT = new Set(["node_modules", "dist", "coverage", "__pycache__", "venv"]);

const FILES_MAX = 10_000;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const TOTAL_BYTES_MAX = 128 * 1024 * 1024;
const FOLDER_DEPTH_MAX = 40;

/**
 * Reads the sources of a project. Hidden files and folders are left out, and so are those that `exclude` names; a
 * symbolic link is followed only within the project. Throws `invalid_definition` when there is more than a project
 * can be.
 */
export function collectSources(project: Pick<Project, "dir" | "settings">, files: Files): CollectedSources {
  const { found, problems } = walkProject(project, files);
  const sources: SourceFile[] = [];
  let total = 0;
  for (const { path } of found) {
    const content = files.read(join(project.dir, path));
    sources.push({ path, content });
    total += content.length;
    if (total > TOTAL_BYTES_MAX) throw tooMuch(`the source files have more than ${formatBytes(TOTAL_BYTES_MAX)}`);
  }
  return { sources, problems };
}

/** Looks at the sources of a project without reading them: cheap enough to be done again and again. */
export function listSources(project: Pick<Project, "dir" | "settings">, files: Files): ListedSources {
  const { found, folders } = walkProject(project, files);
  return { folders, stamps: new Map(found.map(({ path, stat }) => [path, `${stat.bytes} ${stat.modifiedMs}`])) };
}

interface FoundFile {
  readonly path: string;
  readonly stat: FileStat;
}

interface Walk {
  readonly dir: string;
  readonly exclude: ReadonlySet<string>;
  readonly files: Files;
  readonly found: FoundFile[];
  readonly folders: string[];
  readonly problems: ProjectProblem[];
}

function walkProject({ dir, settings }: Pick<Project, "dir" | "settings">, files: Files): Walk {
  const walk: Walk = { dir, exclude: new Set(settings.exclude), files, found: [], folders: [], problems: [] };
  walkFolder(walk, "", 0);
  walk.found.sort((one, other) => (one.path < other.path ? -1 : 1));
  return walk;
}

function walkFolder(walk: Walk, folder: string, depth: number): void {
  walk.folders.push(folder);
  for (const entry of walk.files.list(join(walk.dir, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".") || walk.exclude.has(path)) continue;
    const kind = entry.kind === "link" ? kindOfLink(walk, path) : entry.kind;
    if (kind === "file") addFile(walk, path, entry.name);
    if (kind === "folder" && !FOLDERS_LEFT_OUT.has(entry.name)) {
      if (depth >= FOLDER_DEPTH_MAX) throw tooMuch(`${path} lies more than ${FOLDER_DEPTH_MAX} folders deep`);
      walkFolder(walk, path, depth + 1);
    }
  }
}

/** A link to a folder is not walked into: what it shows is read at its own place, and circles cannot arise. */
function kindOfLink(walk: Walk, path: string): FolderEntry["kind"] {
  const { dir, files } = walk;
  const stat = files.stat(join(dir, path));
  if (stat === undefined || FOLDERS_LEFT_OUT.has(path.split("/").at(-1) ?? "")) return "other";
  const inside = `${files.realPath(join(dir, path))}/`.startsWith(`${files.realPath(dir)}/`);
  if (inside && stat.kind === "file") return "file";
  if (isSource(path) || stat.kind === "folder") walk.problems.push(linkProblem(path, inside));
  return "other";
}

function linkProblem(path: string, inside: boolean): ProjectProblem {
  const why = inside ? "leads to a folder" : "leads out of the project";
  return {
    severity: "warning",
    code: "load_failed",
    message: `The symbolic link ${path} ${why} and is not kept with the version.`,
    file: path,
    hint: `Put the files themselves there, or name it in \`exclude\` of batuta.json: "exclude": ["${path}"].`,
  };
}

function addFile(walk: Walk, path: string, name: string): void {
  if (!isSource(path) && !LOCK_FILES.has(name)) return;
  const stat = walk.files.stat(join(walk.dir, path));
  // It was there a moment ago.
  if (stat === undefined) return;
  const { bytes } = stat;
  if (path.endsWith(".csv") && bytes > CSV_BYTES_MAX) return;
  if (bytes > FILE_BYTES_MAX)
    throw tooMuch(`${path} has ${formatBytes(bytes)}; a source may have ${formatBytes(FILE_BYTES_MAX)}`);
  walk.found.push({ path, stat });
  if (walk.found.length > FILES_MAX) throw tooMuch(`there are more than ${FILES_MAX} source files`);
}

function isSource(path: string): boolean {
  return EXTENSIONS.has(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

function tooMuch(what: string): BatutaError {
  return new BatutaError("invalid_definition", `The project cannot be kept as a version: ${what}.`, {
    hint: 'Name folders and files that are no sources in batuta.json: "exclude": ["data"].',
  });
}
