import type { PipelineSpec } from "../../core/manifest.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { sha256Hex } from "../../ports/digest.ts";
import type { DeployRequest, DeployResult } from "../schedule-store.ts";
import { manifestOf } from "./pipelines.ts";
import type { Scenario } from "./scenario.ts";

/** Every hour unless it says otherwise. */
export function scheduleOf(more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    ...{ name: "main", timezone: "UTC", timing: { kind: "every", ms: 3_600_000 } },
    ...{ catchUp: "latest", graceMs: 600_000, enabled: true, params: {} },
    ...more,
  };
}

/** Saves a version with these pipelines of one task and their schedules; gives its hash. */
export async function saveSchedules(
  { store }: Scenario,
  schedules: Readonly<Record<string, readonly ScheduleSpec[]>>,
  more: Partial<PipelineSpec> = {},
): Promise<string> {
  const manifest = manifestOf(Object.fromEntries(Object.keys(schedules).map((name) => [name, { a: {} }])), more);
  const pipelines = manifest.pipelines.map((spec) => ({ ...spec, schedules: schedules[spec.name] ?? [] }));
  const hash = sha256Hex(JSON.stringify(pipelines));
  await store.saveVersion({ hash, project: "shop", manifest: { ...manifest, pipelines } });
  return hash;
}

export async function deploySchedules(
  scenario: Scenario,
  schedules: Readonly<Record<string, readonly ScheduleSpec[]>>,
  { spec, ...more }: Partial<DeployRequest> & { readonly spec?: Partial<PipelineSpec> } = {},
): Promise<DeployResult> {
  const versionHash = await saveSchedules(scenario, schedules, spec);
  return scenario.store.deploy({ project: "shop", versionHash, actor: "anna", ...more });
}
