import { join } from "node:path";
import { parseDuration } from "../../core/duration.ts";
import type { PipelineSpec, ProjectManifest } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import type { ProjectLimits } from "../../core/task-scopes.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import { batutaVersion, builderFingerprint } from "./batuta-version.ts";
import { checkLimits } from "./check-limits.ts";
import { childProblems } from "./child-problems.ts";
import { collectSources, type SourceFile } from "./collect-sources.ts";
import type { Project } from "./find-project.ts";
import type { Compiling, LoadMemory } from "./load-memory.ts";
import { type LoadedFile, type LoaderLimits, type LoaderOptions, type LoadPlace, loadFiles } from "./loader.ts";
import { mergeFiles } from "./merge-files.ts";
import type { ProjectProblem } from "./problem.ts";
import { SourceHashes } from "./source-hashes.ts";
import { triggerProblems } from "./trigger-problems.ts";
import { versionHash } from "./version-hash.ts";
import { type CompiledVersion, VersionStore } from "./version-store.ts";

/** A project as it was at one moment: a version that never changes. */
export interface CompiledProject {
  readonly project: Project;
  /** Content hash: the name of the version. */
  readonly hash: string;
  /** The folder with the version's sources, from which attempts import. */
  readonly dir: string;
  readonly manifest: ProjectManifest;
  /** What could not be loaded, and warnings. The pipelines in the manifest are whole all the same. */
  readonly problems: readonly ProjectProblem[];
}

export interface CompileOptions {
  /** Where versions are kept: a folder within the project, so that imports resolve as they do from the sources. */
  readonly stateDir: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly limits?: Partial<LoaderLimits>;
  /** Of who compiles the project again and again. */
  readonly memory?: LoadMemory;
}

/** The one that task processes use, and keep small: what was compiled here is compiled for them. */
const COMPILE_CACHE = ["tmp", "compile-cache"];

const LOADER_LIMITS: LoaderLimits = { fileMs: 10_000, memoryBytes: 1024 * 1024 * 1024 };

/**
 * Compiles a project to a version: keeps its sources, loads its pipeline files in a process of their own, and gives
 * the manifest. An unchanged project is not loaded again, unless something was wrong with it: what is wrong may lie
 * outside its sources, such as a package that was not installed.
 */
export async function compileProject(project: Project, options: CompileOptions): Promise<CompiledProject> {
  const { files } = options;
  const collected = collectSources(project, files);
  const { sources } = collected;
  const hash = versionHash({
    sources,
    nodeMajor: Number(process.versions.node.split(".")[0]),
    batutaVersion: batutaVersion(files),
    ...(project.onlyFile === undefined ? {} : { onlyFile: project.onlyFile }),
  });
  const compiling = { hash, pipelineFiles: pipelineFilesOf(project, sources), hashes: new SourceHashes(sources) };
  const versions = new VersionStore(options.stateDir, files, options.clock);
  const builder = builderFingerprint(files);
  const known = versions.compiled(hash);
  const isGood = known?.builder === builder && !known.problems.some(isError);
  const compiled =
    known !== undefined && isGood && options.memory?.lacks(compiling) !== true
      ? known
      : await compile(versions, { builder, sources, project, options, compiling });
  options.memory?.compiled(compiling);
  const problems = [...collected.problems, ...compiled.problems];
  return { project, hash, dir: versions.dirOf(hash), manifest: compiled.manifest, problems };
}

interface Compilation {
  readonly compiling: Compiling;
  readonly builder: string;
  readonly sources: readonly SourceFile[];
  readonly project: Project;
  readonly options: CompileOptions;
}

async function compile(versions: VersionStore, compilation: Compilation): Promise<CompiledVersion> {
  const { compiling, builder, sources, project, options } = compilation;
  const { hash } = compiling;
  versions.keep(hash, sources, options.memory?.earlier(compiling));
  const javaScriptFiles = sources.map(({ path }) => path).filter((path) => /\.[mc]?js$/.test(path));
  const loaded = await load(
    compiling,
    { rootDir: versions.dirOf(hash), projectDir: project.dir, javaScriptFiles },
    options,
  );
  const merged = mergeFiles(loaded, sources);
  const limits = limitsOf(project);
  const { pipelines, problems } = checkLimits(merged.pipelines, limits, sources);
  const isWhole = project.onlyFile === undefined;
  const compiled: CompiledVersion = {
    format: 1,
    builder,
    manifest: { format: 1, pipelines, ...limits },
    // Of a project that is one file, the pipelines elsewhere are not known.
    problems: [...merged.problems, ...problems, ...(isWhole ? betweenPipelines(pipelines, sources) : [])],
  };
  versions.saveCompiled(hash, compiled);
  return compiled;
}

/** Files are loaded apart, so only all of them can tell. */
function betweenPipelines(
  pipelines: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  return [...childProblems(pipelines, sources), ...triggerProblems(pipelines, sources)];
}

/** Files that are known to be unchanged are not loaded again. */
async function load(compiling: Compiling, place: LoadPlace, options: CompileOptions): Promise<readonly LoadedFile[]> {
  const { pipelineFiles } = compiling;
  const known = options.memory?.recall(compiling);
  const unknown = pipelineFiles.filter((file) => known?.has(file) !== true);
  const loaded = new Map((await loadFiles(unknown, place, loaderOptions(options))).map((one) => [one.file, one]));
  const all = pipelineFiles.flatMap((file) => loaded.get(file) ?? known?.get(file) ?? []);
  options.memory?.keep(compiling, all);
  return all;
}

/** What nobody has said is left out of the manifest. */
function limitsOf({ settings: { pools, tagLimits } }: Project): ProjectLimits {
  return {
    ...(Object.keys(pools).length === 0 ? {} : { pools }),
    ...(Object.keys(tagLimits).length === 0 ? {} : { tagLimits }),
  };
}

function loaderOptions({ stateDir, clock, limits }: CompileOptions): LoaderOptions {
  return {
    limits: { ...LOADER_LIMITS, ...limitsFrom(process.env), ...limits },
    clock,
    cacheDir: join(stateDir, ...COMPILE_CACHE),
  };
}

/** `BATUTA_LOAD_TIMEOUT=30s` gives a pipeline file more time on a slow machine. */
function limitsFrom(env: Readonly<Record<string, string | undefined>>): Partial<LoaderLimits> {
  const { BATUTA_LOAD_TIMEOUT: timeout } = env;
  return timeout === undefined || timeout === "" ? {} : { fileMs: parseDuration(timeout, "BATUTA_LOAD_TIMEOUT") };
}

const PIPELINE_FILE = /\.(?:ts|mts|js|mjs)$/;
const NO_PIPELINE_FILE = /\.(?:test|spec)\.[mc]?[tj]s$|\.d\.[mc]?ts$/;

function pipelineFilesOf({ onlyFile, settings }: Project, sources: readonly SourceFile[]): readonly string[] {
  if (onlyFile !== undefined) {
    if (sources.some(({ path }) => path === onlyFile)) return [onlyFile];
    throw new BatutaError("not_found", `${onlyFile} is excluded from the project.`, {
      hint: "Take it out of `exclude` in batuta.json.",
    });
  }
  const folder = settings.pipelines === "." ? "" : `${settings.pipelines}/`;
  return sources
    .map(({ path }) => path)
    .filter((path) => path.startsWith(folder) && PIPELINE_FILE.test(path) && !NO_PIPELINE_FILE.test(path));
}

function isError({ severity }: ProjectProblem): boolean {
  return severity === "error";
}
