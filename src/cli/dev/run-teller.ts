import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { taskRunName } from "../../core/shown-task-runs.ts";
import { isRunFinished } from "../../core/state.ts";
import type { CompiledRun } from "../../engine/compiled-versions.ts";
import type { Duty } from "../../engine/service.ts";
import type { EventBody } from "../../store/event-body.ts";
import type { EventRecord, RunId, Store } from "../../store/store.ts";
import type { LateReport, MendedReport, RunReport, SetAsideReport, TaskReport, TicksReport } from "./dev-report.ts";
import { TicksLeftOut } from "./ticks-left-out.ts";

const LOOK_MS = 250;
const PAGE_MAX = 1_000;

interface EventOf<Kind extends EventBody["kind"]> {
  readonly runId: RunId;
  readonly at: Instant;
  readonly body: Extract<EventBody, { kind: Kind }>;
}

/** Reads what happens to the runs of a project, and tells when they begin and end, which of their tasks fail, what schedules leave out, and which cannot be planned. */
export class RunTeller implements Duty {
  readonly name = "run-teller";
  readonly #store: Pick<Store, "events">;
  readonly #project: string;
  readonly #runs: { ofRun(run: RunId): Promise<CompiledRun> };
  #cursor: string | undefined;
  readonly #startedAt = new Map<RunId, number>();
  onReport: (report: Told) => void = () => {};
  /** Told of the pipeline of each run that is new or goes on. */
  onRun: (pipeline: PipelineSpec) => void = () => {};

  /** @param after cursor of the last event that is of no interest any more */
  constructor(
    store: Pick<Store, "events">,
    project: string,
    runs: { ofRun(run: RunId): Promise<CompiledRun> },
    after: string | undefined,
  ) {
    this.#store = store;
    this.#project = project;
    this.#runs = runs;
    this.#cursor = after;
  }

  async poll(): Promise<number> {
    const after = this.#cursor === undefined ? {} : { after: this.#cursor };
    const page = await this.#store.events({ ...after, limit: PAGE_MAX });
    const left = new TicksLeftOut((report) => this.onReport(report));
    for (const event of page.events) {
      if (event.body.kind === "ticks_left_out") this.#add(left, event.at, event.body);
      else await this.#tell(event);
    }
    left.tell();
    this.#cursor = page.cursor;
    return page.events.length < PAGE_MAX ? LOOK_MS : 0;
  }

  #add(left: TicksLeftOut, at: Instant, body: EventOf<"ticks_left_out">["body"]): void {
    if (body.project === this.#project) left.add(at, body);
  }

  async #tell({ runId, at, body }: EventRecord): Promise<void> {
    if (body.kind === "schedule_set_aside" || body.kind === "schedule_mended") this.#tellSchedule(at, body);
    if (runId === undefined) return;
    if (body.kind === "run_state") await this.#tellRun({ runId, at, body });
    else if (body.kind === "deadline_missed") await this.#tellLate({ runId, at, body });
    else if (body.kind === "task_state" && TOLD.has(body.to)) await this.#tellTask({ runId, at, body });
  }

  #tellSchedule(at: Instant, body: EventOf<"schedule_set_aside" | "schedule_mended">["body"]): void {
    const { project, ...report } = body;
    if (project === this.#project) this.onReport({ at, ...report });
  }

  async #tellRun({ runId, at, body }: EventOf<"run_state">): Promise<void> {
    const { run, pipeline } = await this.#runs.ofRun(runId);
    if (run.project !== this.#project) return;
    if (!isRunFinished(body.to)) this.onRun(pipeline);
    if (body.to === "queued") return;
    const startedAt = this.#startedAt.get(runId) ?? run.startedAt;
    if (body.to === "running") this.#startedAt.set(runId, at);
    else if (isRunFinished(body.to)) this.#startedAt.delete(runId);
    this.onReport({
      ...{ kind: "run", at, run: runId, pipeline: run.pipeline, ds: run.ds, trigger: run.trigger, state: body.to },
      interval: run.interval,
      ...(isRunFinished(body.to) && startedAt !== undefined ? { durationMs: at - startedAt } : {}),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
    });
  }

  async #tellLate({ runId, at, body }: EventOf<"deadline_missed">): Promise<void> {
    const { run } = await this.#runs.ofRun(runId);
    if (run.project !== this.#project) return;
    const { task, deadline, dueAt, waitsFor } = body;
    this.onReport({
      ...{ kind: "late", at, run: runId, pipeline: run.pipeline, deadline, dueAt, waitsFor },
      ...(task === undefined ? {} : { task }),
    });
  }

  async #tellTask({ runId, at, body }: EventOf<"task_state">): Promise<void> {
    const { run, pipeline } = await this.#runs.ofRun(runId);
    if (run.project !== this.#project) return;
    const name = pipeline.tasks[body.taskIndex]?.name ?? `task ${body.taskIndex}`;
    this.onReport({
      ...{ kind: "task", at, run: runId, pipeline: run.pipeline, task: taskRunName(name, body.mapKey) },
      ...{ state: body.to, attempt: body.attempt },
      ...(body.message === undefined ? {} : { message: body.message }),
      ...(body.dueAt === undefined ? {} : { dueAt: body.dueAt }),
    });
  }
}

/** What it tells. */
export type Told = RunReport | TaskReport | LateReport | TicksReport | SetAsideReport | MendedReport;

/** States of a task that somebody at work on it wants to hear of. */
const TOLD: ReadonlySet<string> = new Set(["failed", "retrying"]);
