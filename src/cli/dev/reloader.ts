import { join } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import type { Duty } from "../../engine/service.ts";
import { type ListedSources, listSources } from "../../execution/project/collect-sources.ts";
import type { CompiledProject } from "../../execution/project/compile-project.ts";
import { findProject, type Project } from "../../execution/project/find-project.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import { SETTINGS_FILE } from "../../execution/project/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import { type CurrentPipelines, currentPipelines, keptFrom } from "./last-good.ts";
import type { ProjectVersions } from "./project-versions.ts";
import { pipelineChanges, problemChanges, type Reload } from "./reload.ts";

/** Files are looked at this often when nobody tells of a change. */
const LOOK_MS = 2_000;
/** Files that have not changed for so long are taken for whole: editors write in several steps, tools many files. */
const SETTLE_MS = 40;
const SETTLE_TURNS_MAX = 10;
/** A pipeline file that is gone may be back at once: editors put a new one in its place. */
const VANISHED_MS = 250;

/** What the reloader needs of the rest of the house. */
export interface ReloaderParts {
  readonly project: Project;
  readonly files: Files;
  readonly clock: Clock;
  readonly versions: ProjectVersions;
  compile(project: Project): Promise<CompiledProject>;
  /** Pipeline files of a version, just compiled, whose code is not that of before. */
  changedFor(versionHash: string): ReadonlySet<string>;
  /** Names of the pipelines of a file; undefined when nobody knows, for it could not be loaded. */
  exportsOf(file: string): ReadonlySet<string> | undefined;
}

/**
 * Keeps what runs equal to the files of the project. A file that is broken keeps its pipelines as they were when it was
 * good last; settings that are broken keep everything. Changes are found by looking at the files; who hears of one wakes
 * the duty, which makes it fast.
 */
export class Reloader implements Duty {
  readonly name = "reloader";
  readonly #parts: ReloaderParts;
  #project: Project;
  #versionHash = "";
  #current: CurrentPipelines = new Map();
  #problems: readonly ProjectProblem[] = [];
  /** The sources as they were loaded last. */
  #loaded: ListedSources["stamps"] = new Map();
  /** The sources as they were at the last look, and for how many looks they have not been at rest. */
  #seen: ListedSources["stamps"] = new Map();
  #unsettled = 0;
  #awaitsVanished = false;
  /** Told of everything that has come of a change. */
  onReload: (reload: Reload) => void = () => {};
  /** Told where sources may be, absolute. */
  onFolders: (folders: readonly string[]) => void = () => {};

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#project = parts.project;
  }

  get settings(): Project["settings"] {
    return this.#project.settings;
  }

  get current(): CurrentPipelines {
    return this.#current;
  }

  /** Loads the project for the first time, on top of what was deployed before. */
  async begin(): Promise<Reload> {
    this.#current = await this.#parts.versions.deployed();
    return this.#load(this.#project, this.#list());
  }

  async poll(): Promise<number> {
    const listed = this.#list();
    if (isEqual(listed.stamps, this.#loaded)) return this.#rest(listed);
    const wait = this.#unsettledMs(listed);
    if (wait !== undefined) return wait;
    const reload = await this.#reload(listed);
    if (reload === undefined) return SETTLE_MS;
    this.#rest(listed);
    if (isWorthTelling(reload)) this.onReload(reload);
    return LOOK_MS;
  }

  #list(): ListedSources {
    const { dir } = this.#project;
    const listed = listSources(this.#project, this.#parts.files);
    this.onFolders(listed.folders.map((folder) => join(dir, folder)));
    return listed;
  }

  #rest({ stamps }: ListedSources): number {
    this.#seen = stamps;
    this.#unsettled = 0;
    this.#awaitsVanished = false;
    return LOOK_MS;
  }

  /** How long to wait for files that are still being written; undefined = they are not. */
  #unsettledMs({ stamps }: ListedSources): number | undefined {
    if (!isEqual(stamps, this.#seen) && this.#unsettled < SETTLE_TURNS_MAX) {
      this.#seen = stamps;
      this.#unsettled += 1;
      return SETTLE_MS;
    }
    const hasVanished = [...this.#current.values()].some(({ spec }) => !stamps.has(spec.location.file));
    if (!hasVanished || this.#awaitsVanished) return undefined;
    this.#awaitsVanished = true;
    return VANISHED_MS;
  }

  /** Undefined when a file has gone away while it was read: there is more to come. */
  async #reload(listed: ListedSources): Promise<Reload | undefined> {
    const found = this.#find();
    if ("severity" in found) return this.#keepAll(found, listed);
    try {
      return await this.#load(found, listed);
    } catch (error) {
      if (error instanceof BatutaError && error.code === "invalid_definition") {
        return this.#keepAll(settingsProblem(error), listed);
      }
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** The project by its settings of now. */
  #find(): Project | ProjectProblem {
    try {
      const project = findProject(this.#project.dir, this.#parts.files);
      return project.name === this.#project.name ? project : renamed(project, this.#project);
    } catch (error) {
      if (error instanceof BatutaError) return settingsProblem(error);
      throw error;
    }
  }

  async #load(project: Project, listed: ListedSources): Promise<Reload> {
    const { clock, versions } = this.#parts;
    const begun = clock.mono();
    const compiled = await this.#parts.compile(project);
    const { hash } = compiled;
    const after = currentPipelines(this.#current, compiled, this.#parts.exportsOf);
    const errors = compiled.problems.filter(({ severity }) => severity === "error");
    await versions.save(hash, compiled.manifest);
    await versions.deploy(hash, after, errors);
    const reload: Reload = {
      versionHash: hash,
      files: changedPaths(this.#loaded, listed.stamps),
      ...pipelineChanges(this.#current, after, this.#parts.changedFor(hash)),
      ...problemChanges(this.#problems, errors),
      kept: keptFrom(after, hash),
      ms: clock.mono() - begun,
    };
    this.#project = project;
    this.#versionHash = hash;
    this.#current = after;
    this.#problems = errors;
    this.#loaded = listed.stamps;
    return reload;
  }

  async #keepAll(problem: ProjectProblem, listed: ListedSources): Promise<Reload> {
    const { clock, versions } = this.#parts;
    const begun = clock.mono();
    const problems = [...this.#problems.filter(({ file }) => file !== problem.file), problem];
    await versions.deploy(this.#versionHash, this.#current, problems);
    const reload: Reload = {
      versionHash: this.#versionHash,
      files: changedPaths(this.#loaded, listed.stamps),
      ...{ added: [], changed: [], removed: [], kept: keptFrom(this.#current, this.#versionHash) },
      ...problemChanges(this.#problems, problems),
      ms: clock.mono() - begun,
    };
    this.#problems = problems;
    this.#loaded = listed.stamps;
    return reload;
  }
}

function isEqual(one: ListedSources["stamps"], other: ListedSources["stamps"]): boolean {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}

function changedPaths(before: ListedSources["stamps"], after: ListedSources["stamps"]): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

function isWorthTelling({ files, added, changed, removed, problems, mended }: Reload): boolean {
  return [files, added, changed, removed, problems, mended].some((list) => list.length > 0);
}

function settingsProblem({ code, message, location, codeFrame, hint }: BatutaError): ProjectProblem {
  return {
    ...{ severity: "error", code, message, file: location?.file ?? SETTINGS_FILE },
    ...(location === undefined ? {} : { location }),
    ...(codeFrame === undefined ? {} : { codeFrame }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function renamed(project: Project, before: Project): ProjectProblem {
  return {
    ...{ severity: "error", code: "invalid_definition", file: SETTINGS_FILE },
    message: `The project is called "${project.name}" now, and runs as "${before.name}".`,
    hint: "Start batuta dev again, or take the old name back: runs and schedules belong to a name.",
  };
}
