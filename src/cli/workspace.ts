import { resolve } from "node:path";
import { type CompiledProject, compileProject } from "../execution/project/compile-project.ts";
import { findProject, type Project } from "../execution/project/find-project.ts";
import type { LoadMemory } from "../execution/project/load-memory.ts";
import { localFiles } from "../ports/files.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { makeStateFolder, type StateFolder, stateFolder } from "./state-folder.ts";

/** A project and the database that knows its runs. */
export interface Workspace {
  readonly project: Project;
  readonly state: StateFolder;
  readonly store: Store;
}

/** The project that the command is about: `--project`, a pipeline file, or the nearest one from here upward. */
export function projectOf(cli: Cli, start: string = cli.globals.project ?? "."): Project {
  return findProject(resolve(cli.workingFolder, start), localFiles);
}

/** Opens the project's database, lends it, and closes it however the work ends. */
export async function withWorkspace<T>(
  cli: Cli,
  project: Project,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const state = stateFolder(project);
  makeStateFolder(state);
  const url = databaseUrl(cli);
  const store = await openStore({
    ...(url === undefined ? {} : { databaseUrl: url }),
    sqlitePath: state.database,
    clock: cli.clock,
    patienceMs: PATIENCE_MS,
  });
  try {
    await store.migrate();
    return await work({ project, state, store });
  } finally {
    await store.close();
  }
}

/** Compiles the project as it is now; with a memory only what has changed since. */
export function compile(cli: Pick<Cli, "clock">, project: Project, memory?: LoadMemory): Promise<CompiledProject> {
  const state = stateFolder(project);
  makeStateFolder(state);
  const options = { stateDir: state.dir, files: localFiles, clock: cli.clock };
  return compileProject(project, { ...options, ...(memory === undefined ? {} : { memory }) });
}

/** URL of the PostgreSQL database, when one is asked for. */
export function databaseUrl({ globals, env }: Pick<Cli, "globals" | "env">): string | undefined {
  const url = globals.databaseUrl ?? env.BATUTA_DATABASE_URL;
  return url === "" ? undefined : url;
}

/** A database that restarts is waited for; one that is not there is told soon. */
const PATIENCE_MS = 5_000;
