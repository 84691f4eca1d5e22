import { join } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import { queuesOf } from "../../engine/child-runs.ts";
import { CompiledVersions } from "../../engine/compiled-versions.ts";
import { Engine } from "../../engine/engine.ts";
import { findServer } from "../../engine/orphans.ts";
import { Poller } from "../../engine/poller.ts";
import type { DutyProblem } from "../../engine/service.ts";
import { builderFingerprint } from "../../execution/project/batuta-version.ts";
import type { Project } from "../../execution/project/find-project.ts";
import { LoadMemory } from "../../execution/project/load-memory.ts";
import { localFiles } from "../../ports/files.ts";
import { type FolderWatch, watchFolders } from "../../ports/folder-watch.ts";
import { ownIdentity } from "../../ports/processes.ts";
import type { NewSession, RunRecord, SessionRecord } from "../../store/store.ts";
import { actorOf } from "../actor.ts";
import type { Cli } from "../cli.ts";
import { LEASE_MS, type LocalWorker } from "../embedded-engine.ts";
import { hostProcesses } from "../host-processes.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { compile, type Workspace } from "../workspace.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { DevReport, SetAsideReport } from "./dev-report.ts";
import { ProjectVersions } from "./project-versions.ts";
import type { Reload } from "./reload.ts";
import { Reloader } from "./reloader.ts";
import { RunTeller } from "./run-teller.ts";
import { scheduleReports, setAsideBefore } from "./schedule-reports.ts";

/** Who hears of a change looks so much later, but not again and again for files that are no sources. */
const HEARD_MS = 20;
const HEARD_AGAIN_MS = 250;
/** Runs of before whose queues are looked at. */
const RUNS_MAX = 10_000;

/**
 * The process of `batuta dev`: an engine that owns the project's runs and schedules, and beside it a reloader that keeps
 * what runs equal to the files.
 */
export class DevServer {
  readonly #cli: Cli;
  readonly #workspace: Workspace;
  readonly #session: NewSession;
  readonly #engine: Engine;
  readonly #reloader: Reloader;
  readonly #reloading: Poller;
  readonly #watchingClock: Poller;
  readonly #watch: FolderWatch;
  readonly #versions: CompiledVersions;
  readonly #report: (report: DevReport) => void;
  readonly #lost = Promise.withResolvers<never>();
  readonly #told = new Set<string>();
  #telling: Poller | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(cli: Cli, workspace: Workspace, worker: LocalWorker, report: (report: DevReport) => void) {
    const { project, store } = workspace;
    const { clock } = cli;
    this.#cli = cli;
    this.#workspace = workspace;
    this.#report = report;
    this.#session = sessionOf(worker, project);
    this.#versions = new CompiledVersions(store);
    const memory = loadMemory(workspace);
    this.#reloader = new Reloader({
      ...{ project, clock, files: localFiles },
      versions: new ProjectVersions(store, project.name, actorOf(cli)),
      compile: (changed) => compile(cli, changed, memory),
      changedFor: (hash) => memory.changedFor(hash),
      exportsOf: (file) => memory.exportsOf(file),
    });
    const onProblem = (problem: DutyProblem): void => this.#trouble(problem);
    this.#engine = new Engine(
      { store, executor: worker.executor, clock, processes: hostProcesses(clock) },
      this.#session,
      { onProblem, onLost: (error) => this.#lost.reject(error) },
    );
    this.#reloading = new Poller(this.#reloader, clock, onProblem);
    const clockWatch = new ClockWatch(store, clock);
    clockWatch.onReport = report;
    this.#watchingClock = new Poller(clockWatch, clock, onProblem);
    this.#watch = watchFolders(() => this.#hear());
    this.#reloader.onFolders = (folders) => this.#watch.watch(folders);
    this.#reloader.onReload = (reload) => void this.#reloaded(reload).catch(() => undefined);
    // Whoever waits for it is told; nobody may wait.
    this.#lost.promise.catch(() => undefined);
  }

  /** Rejects when the engine has lost its lease and runs nothing any more. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  get settings(): Project["settings"] {
    return this.#reloader.settings;
  }

  /** Throws `conflict` when another server has the project. */
  async start(): Promise<void> {
    const { clock } = this.#cli;
    const begun = clock.mono();
    const { store, project } = this.#workspace;
    await this.#refuseSecond();
    const reload = await this.#reloader.begin();
    const unfinished = await store.runs({
      project: project.name,
      states: ["queued", "running", "cancelling"],
      limit: RUNS_MAX,
    });
    this.#includeQueues();
    await this.#includeQueuesOf(unfinished);
    const teller = new RunTeller(store, project.name, this.#versions, await store.newestEvent());
    const faulty = await this.#faultySchedules();
    teller.onReport = (report) => this.#report(report);
    teller.onRun = (pipeline) => this.#engine.includeQueues(queuesOf(pipeline));
    this.#telling = new Poller(teller, clock, (problem) => this.#trouble(problem));
    await this.#engine.start();
    // Of two that have started at the same time one gives way.
    await this.#refuseSecond(this.#session);
    this.#report({
      kind: "started",
      at: clock.wall(),
      project: project.name,
      ms: clock.mono() - begun,
      pipelines: this.#reloader.current.size,
      schedules: await this.#schedules([...this.#reloader.current.keys()]),
      problems: reload.problems,
      kept: reload.kept,
      resumed: unfinished.length,
    });
    for (const report of faulty) this.#report(report);
    await this.#telling.start();
    await this.#reloading.start();
    await this.#watchingClock.start();
  }

  /** What runs is ended and given back, to begin again with whoever comes next. */
  async stop(): Promise<void> {
    this.#watch.close();
    await this.#watchingClock.stop();
    await this.#reloading.stop();
    await this.#engine.stop();
    await this.#telling?.stop();
  }

  async #refuseSecond(own?: NewSession): Promise<void> {
    const { store, project } = this.#workspace;
    const other = await findServer(store, hostProcesses(this.#cli.clock), project.name, own?.id);
    if (other !== undefined) throw taken(project, other);
  }

  #hear(): void {
    const now = this.#cli.clock.mono();
    const isAgain = now - this.#heardAt < HEARD_AGAIN_MS;
    if (!isAgain) this.#heardAt = now;
    this.#reloading.wakeIn(isAgain ? HEARD_AGAIN_MS : HEARD_MS);
  }

  async #reloaded(reload: Reload): Promise<void> {
    this.#includeQueues();
    const schedules = await this.#schedules([...reload.added, ...reload.changed]);
    this.#report({ kind: "reloaded", at: this.#cli.clock.wall(), ...reload, schedules });
  }

  async #schedules(names: readonly string[]) {
    const { store, project } = this.#workspace;
    const paused = new Set((await store.pausedPipelines(project.name)).map(({ pipeline }) => pipeline));
    const specs = names.flatMap((name) => this.#reloader.current.get(name)?.spec ?? []);
    return scheduleReports(specs, paused, this.#cli.clock.wall());
  }

  /** Those that an earlier process has set aside, and has told of. */
  async #faultySchedules(): Promise<readonly SetAsideReport[]> {
    const { store, project } = this.#workspace;
    const records = await store.schedules(project.name);
    return records.flatMap((record) => setAsideBefore(record, this.#cli.clock.wall()));
  }

  #includeQueues(): void {
    for (const { spec } of this.#reloader.current.values()) this.#engine.includeQueues(queuesOf(spec));
  }

  /** Runs go on with the version they began with, which may have had other queues. */
  async #includeQueuesOf(runs: readonly RunRecord[]): Promise<void> {
    for (const run of new Map(runs.map((run) => [`${run.versionHash} ${run.pipeline}`, run])).values()) {
      this.#engine.includeQueues(queuesOf(await this.#versions.pipeline(run.versionHash, run.pipeline)));
    }
  }

  /** Each kind of trouble is told once. */
  #trouble({ error }: DutyProblem): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#report({
      kind: "trouble",
      at: this.#cli.clock.wall(),
      message: `${message.replace(/\.?$/, ".")} Trying again.`,
    });
  }
}

function sessionOf({ sessionId }: LocalWorker, project: Project): NewSession {
  return {
    id: sessionId,
    project: project.name,
    role: "server",
    process: ownIdentity(),
    leaseMs: LEASE_MS,
    runs: null,
  };
}

function loadMemory({ state }: Workspace): LoadMemory {
  return new LoadMemory(join(state.dir, "loaded.json"), builderFingerprint(localFiles), localFiles);
}

function taken(project: Project, { process, openedAt }: SessionRecord): BatutaError {
  const where = `process ${process.pid} on ${process.hostname}, since ${formatInstant(openedAt)}`;
  return new BatutaError("conflict", `The project ${project.name} is run by another batuta dev: ${where}.`, {
    hint: "Use that one, for batuta run works beside it, or stop it there with Ctrl-C.",
  });
}
