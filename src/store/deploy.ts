import { canonicalJson } from "../core/canonical-json.ts";
import type { Instant } from "../core/instant.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { deployAssets } from "./deploy-assets.ts";
import { deployTriggers } from "./deploy-triggers.ts";
import { faultOfBefore } from "./schedule-fault.ts";
import type { DeploymentRow, ScheduleEdit, ScheduleInsert, ScheduleRow } from "./schedule-rows.ts";
import type { DeployRequest, DeployResult, KeptPipeline, ScheduleName, ScheduleRest } from "./schedule-store.ts";
import type { Transaction } from "./transaction.ts";

/** Makes a version the current one of its project, in one transaction. */
export async function deploy(tx: Transaction, request: DeployRequest): Promise<DeployResult> {
  const { project } = request;
  await tx.schedules.lockDeployment(project);
  const wanted = deploymentRow(request, tx.now);
  const current = await tx.schedules.deployment(project);
  if (current !== undefined && isSame(current, wanted)) return NOTHING_NEW;
  const pipelines = await pipelinesOfRequest(tx, request);
  const specs = specsOf(pipelines);
  const paused = new Set((await tx.pausedPipelines(project)).map(({ pipeline }) => pipeline));
  const change = compare(await tx.schedules.lockSchedulesOf(project), specs, { project, paused, now: tx.now });
  await tx.schedules.insertSchedules(change.inserts);
  await tx.schedules.editSchedules(change.edits);
  await deployTriggers(tx, project, pipelines);
  await deployAssets(tx, project, pipelines);
  await tx.schedules.saveDeployment(wanted);
  return { changed: true, added: change.added, edited: change.edited, removed: change.removed };
}

const NOTHING_NEW: DeployResult = { changed: false, added: [], edited: [], removed: [] };

function deploymentRow(request: DeployRequest, now: Instant): DeploymentRow {
  const { project, versionHash, kept = [], faults = [], actor } = request;
  const byName = Object.fromEntries(kept.map((pipeline) => [pipeline.pipeline, pipeline.versionHash]));
  const texts = { kept: canonicalJson(byName), faults: canonicalJson(faults) };
  return { project, versionHash, ...texts, deployedAt: now, deployedBy: actor };
}

function isSame(one: DeploymentRow, other: DeploymentRow): boolean {
  return one.versionHash === other.versionHash && one.kept === other.kept && one.faults === other.faults;
}

interface WantedSchedule extends ScheduleName {
  readonly spec: ScheduleSpec;
}

/** Those of the version, and of older ones where the file is broken now. */
async function pipelinesOfRequest(
  tx: Transaction,
  { project, versionHash, kept = [] }: DeployRequest,
): Promise<readonly PipelineSpec[]> {
  const manifest = await pipelinesOf(tx, project, versionHash);
  const isKept = new Set(kept.map(({ pipeline }) => pipeline));
  const pipelines = manifest.filter(({ name }) => !isKept.has(name));
  for (const one of kept) pipelines.push(await keptPipeline(tx, project, one));
  return pipelines;
}

function specsOf(pipelines: readonly PipelineSpec[]): readonly WantedSchedule[] {
  return pipelines.flatMap(({ name: pipeline, schedules = [] }) =>
    schedules.map((spec) => ({ pipeline, schedule: spec.name, spec })),
  );
}

async function keptPipeline(tx: Transaction, project: string, kept: KeptPipeline): Promise<PipelineSpec> {
  const pipelines = await pipelinesOf(tx, project, kept.versionHash);
  const found = pipelines.find(({ name }) => name === kept.pipeline);
  if (found !== undefined) return found;
  throw new BatutaError("not_found", `Version ${kept.versionHash} has no pipeline "${kept.pipeline}" to be kept.`);
}

async function pipelinesOf(tx: Transaction, project: string, versionHash: string): Promise<PipelineSpec[]> {
  const version = await tx.version(versionHash);
  if (version?.project === project) return [...version.manifest.pipelines];
  throw new BatutaError("not_found", `The store has no version ${versionHash} of project "${project}".`, {
    hint: "Save the version before it is deployed.",
  });
}

interface Circumstances {
  readonly project: string;
  readonly paused: ReadonlySet<string>;
  readonly now: Instant;
}

interface ScheduleChange {
  readonly inserts: readonly ScheduleInsert[];
  readonly edits: readonly ScheduleEdit[];
  readonly added: readonly ScheduleName[];
  readonly edited: readonly ScheduleName[];
  readonly removed: readonly ScheduleName[];
}

function compare(
  rows: readonly ScheduleRow[],
  wanted: readonly WantedSchedule[],
  circumstances: Circumstances,
): ScheduleChange {
  const rowOf = new Map(rows.map((row) => [keyOf(row.pipeline, row.name), row]));
  const isWanted = new Set(wanted.map(({ pipeline, schedule }) => keyOf(pipeline, schedule)));
  const gone = rows.filter((row) => row.removedAt === null && !isWanted.has(keyOf(row.pipeline, row.name)));
  const inserts: ScheduleInsert[] = [];
  const edits: ScheduleEdit[] = gone.map((row) => removal(row, circumstances.now));
  const [added, edited]: [ScheduleName[], ScheduleName[]] = [[], []];
  for (const { pipeline, schedule, spec } of wanted) {
    const row = rowOf.get(keyOf(pipeline, schedule));
    const text = canonicalJson(spec);
    if (row !== undefined && isUpToDate(row, text, spec)) continue;
    const { project, now } = circumstances;
    const next = wakeUp(spec, pipeline, circumstances);
    if (row === undefined) inserts.push({ project, pipeline, name: schedule, spec: text, origin: now, ...next });
    else {
      const fault = next.nextAt === null ? null : faultOfBefore(row.fault);
      edits.push({ ...row, spec: text, origin: originOf(row, text, spec, now), ...next, fault, removedAt: null });
    }
    if (row === undefined || row.removedAt !== null) added.push({ pipeline, schedule });
    else if (row.spec !== text) edited.push({ pipeline, schedule });
  }
  return { inserts, edits, added, edited, removed: gone.map(({ pipeline, name }) => ({ pipeline, schedule: name })) };
}

/** One that comes again has missed nothing meanwhile; what was to run once does not begin anew. */
function originOf(row: ScheduleRow, text: string, { timing }: ScheduleSpec, now: Instant): Instant {
  const isTheSameOnce = timing.kind === "once" && row.spec === text;
  return row.removedAt === null || isTheSameOnce ? row.origin : now;
}

/** What stopped it may be mended by the new version, and what its function says may be another now. */
function isUpToDate(row: ScheduleRow, spec: string, { timing }: ScheduleSpec): boolean {
  return row.removedAt === null && row.spec === spec && row.fault === null && timing.kind !== "code";
}

function removal(row: ScheduleRow, now: Instant): ScheduleEdit {
  return { ...row, nextAt: null, rest: null, fault: null, removedAt: now };
}

/** It is looked at at once: that says when its next tick is. */
function wakeUp(
  { enabled }: ScheduleSpec,
  pipeline: string,
  { paused, now }: Circumstances,
): { readonly nextAt: Instant | null; readonly rest: ScheduleRest | null } {
  if (!enabled) return { nextAt: null, rest: "off" };
  if (paused.has(pipeline)) return { nextAt: null, rest: "paused" };
  return { nextAt: now, rest: null };
}

function keyOf(pipeline: string, schedule: string): string {
  return JSON.stringify([pipeline, schedule]);
}
