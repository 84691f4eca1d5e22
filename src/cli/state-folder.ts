import { join } from "node:path";
import type { Project } from "../execution/project/find-project.ts";
import { localFiles } from "../ports/files.ts";

/** What Batuta keeps beside the user's sources. */
export interface StateFolder {
  /** `.batuta` in the project. */
  readonly dir: string;
  /** The SQLite database, unless another one is named. */
  readonly database: string;
  readonly logs: string;
  readonly blobs: string;
  /** Sources of compiled versions. */
  readonly versions: string;
  readonly temp: string;
}

export function stateFolder(project: Pick<Project, "dir">): StateFolder {
  const dir = join(project.dir, ".batuta");
  const within = (name: string): string => join(dir, name);
  return {
    dir,
    database: within("batuta.db"),
    logs: within("logs"),
    blobs: within("blobs"),
    versions: within("versions"),
    temp: within("tmp"),
  };
}

/** Makes the folder, and keeps it out of git whatever the user's own `.gitignore` says. */
export function makeStateFolder({ dir }: StateFolder): void {
  const ignore = join(dir, ".gitignore");
  if (!localFiles.exists(ignore)) localFiles.writeAtomic(ignore, "*\n");
}
