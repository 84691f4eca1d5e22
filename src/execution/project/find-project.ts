import { basename, dirname, join, relative, resolve } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import type { Files } from "../../ports/files.ts";
import { type ProjectSettings, readSettings, SETTINGS_FILE } from "./settings.ts";

/** A user's folder of pipelines. */
export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  readonly settings: ProjectSettings;
  /** A single file was asked for: the project's only pipeline file, relative to `dir`. */
  readonly onlyFile?: string;
}

const PIPELINES_FOLDER = "pipelines";
const PIPELINE_FILE = /\.(?:ts|mts|js|mjs)$/;

/**
 * The nearest folder, from `start` upward, that has a `batuta.json` or a `pipelines` folder. `start` may also be a
 * pipeline file: then the project is its own folder, or the project around it, with that file alone. Throws
 * `not_a_project` when there is none.
 */
export function findProject(start: string, files: Files): Project {
  const path = files.exists(start) ? files.realPath(resolve(start)) : resolve(start);
  if (files.stat(path)?.kind === "file") return projectOfFile(path, files);
  const dir = nearestProjectDir(path, files);
  if (dir !== undefined) return projectIn(dir, files);
  throw new BatutaError("not_a_project", `No Batuta project in ${path} or a folder above it.`, {
    hint: `Make one here with \`batuta init\`. A project has a ${SETTINGS_FILE} or a folder ${PIPELINES_FOLDER}/.`,
  });
}

function projectOfFile(path: string, files: Files): Project {
  if (!PIPELINE_FILE.test(path)) {
    throw new BatutaError("usage", `${path} is no pipeline file.`, {
      hint: "A pipeline file ends in .ts, .mts, .js or .mjs.",
    });
  }
  const dir = nearestProjectDir(dirname(path), files) ?? dirname(path);
  return { ...projectIn(dir, files), onlyFile: relative(dir, path).replaceAll("\\", "/") };
}

function projectIn(dir: string, files: Files): Project {
  const settings = readSettings(dir, files);
  return { name: settings.name ?? (basename(dir) || "project"), dir, settings };
}

function nearestProjectDir(start: string, files: Files): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (files.exists(join(dir, SETTINGS_FILE)) || files.stat(join(dir, PIPELINES_FOLDER))?.kind === "folder")
      return dir;
    if (dirname(dir) === dir) return undefined;
  }
}
