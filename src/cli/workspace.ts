import { resolve } from "node:path";
import { BatutaError } from "../core/problem.ts";
import { type CompiledProject, type CompileOptions, compileProject } from "../execution/project/compile-project.ts";
import { findProject, type Project } from "../execution/project/find-project.ts";
import { localFiles } from "../ports/files.ts";
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
  const store = await openStore(cli, state);
  try {
    await store.migrate();
    return await work({ project, state, store });
  } finally {
    await store.close();
  }
}

/** Compiles the project as it is now. */
export function compile(cli: Cli, project: Project): Promise<CompiledProject> {
  makeStateFolder(stateFolder(project));
  return compileProject(project, compileOptions(cli, project));
}

export function compileOptions({ clock }: Pick<Cli, "clock">, project: Project): CompileOptions {
  return { stateDir: stateFolder(project).dir, files: localFiles, clock };
}

/** URL of the PostgreSQL database, when one is asked for. */
export function databaseUrl({ globals, env }: Pick<Cli, "globals" | "env">): string | undefined {
  const url = globals.databaseUrl ?? env.BATUTA_DATABASE_URL;
  return url === "" ? undefined : url;
}

/** A database that restarts is waited for; one that is not there is told soon. */
const PATIENCE_MS = 5_000;

/** Each database is imported only when it is used: the other one need not even be installed. */
async function openStore(cli: Cli, state: StateFolder): Promise<Store> {
  const url = databaseUrl(cli);
  if (url === undefined) {
    const { openSqliteStore } = await import("../store/sqlite/open-sqlite-store.ts");
    return openSqliteStore({ path: state.database, clock: cli.clock });
  }
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new BatutaError("usage", "The database URL is not one of PostgreSQL.", {
      hint: "Write it like postgres://user:password@host:5432/database; without one, .batuta/batuta.db is used.",
    });
  }
  const { openPostgresStore } = await import("../store/postgres/open-postgres-store.ts");
  return openPostgresStore({ url, patienceMs: PATIENCE_MS });
}
