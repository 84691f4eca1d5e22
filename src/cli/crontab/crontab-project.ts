import { join } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import { localFiles } from "../../ports/files.ts";
import { linkPackages, starterDependencies } from "../starter-packages.ts";
import { projectFiles, projectName } from "../starter-project.ts";
import type { CrontabFile } from "./crontab-files.ts";

export interface WrittenProject {
  /** Relative to the project folder. */
  readonly files: readonly string[];
  /** Packages of this Batuta that the project uses from where they are. */
  readonly linked: readonly string[];
}

/** Writes pipelines into a project, and makes the project when there is none. Files that are there stay, unless told. */
export function writeCrontabProject(
  folder: string,
  pipelines: readonly CrontabFile[],
  { overwrite }: { readonly overwrite: boolean },
): WrittenProject {
  refuseFile(folder);
  if (!overwrite) refuseOverwriting(folder, pipelines);
  const isProject = ["batuta.json", "pipelines"].some((name) => localFiles.exists(join(folder, name)));
  localFiles.makeFolder(folder);
  const made = isProject ? { files: [], linked: [] } : makeProject(folder);
  for (const { path, content } of pipelines) localFiles.writeAtomic(join(folder, path), content);
  return { files: [...made.files, ...pipelines.map(({ path }) => path)], linked: made.linked };
}

function makeProject(folder: string): WrittenProject {
  const dependencies = starterDependencies();
  const files = [...projectFiles(projectName(folder), dependencies, "batuta dev")].filter(
    ([path]) => !localFiles.exists(join(folder, path)),
  );
  for (const [path, content] of files) localFiles.writeAtomic(join(folder, path), content);
  return { files: files.map(([path]) => path), linked: linkPackages(folder, dependencies) };
}

function refuseFile(folder: string): void {
  const found = localFiles.stat(folder);
  if (found === undefined || found.kind === "folder") return;
  throw new BatutaError("conflict", `${folder} is not a folder.`, { hint: "Name another one with --to." });
}

function refuseOverwriting(folder: string, pipelines: readonly CrontabFile[]): void {
  const present = pipelines.map(({ path }) => path).filter((path) => localFiles.exists(join(folder, path)));
  if (present.length === 0) return;
  throw new BatutaError("conflict", `${folder} already has ${present.join(", ")}; nothing was written.`, {
    hint: "Name another folder with --to, or let them be replaced with --overwrite.",
  });
}
