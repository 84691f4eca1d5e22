import { canonicalJson } from "../core/canonical-json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { eventNameOf, type TriggerSpec } from "../core/trigger/trigger-spec.ts";
import type { Transaction } from "./transaction.ts";
import type { TriggerEdit, TriggerInsert, TriggerRow } from "./trigger-rows.ts";

interface WantedTrigger {
  readonly pipeline: string;
  readonly spec: TriggerSpec;
}

/**
 * The triggers of what is deployed take effect: a new one listens to what is sent from now on, an edited one goes on
 * where it was, and one that is left out hears nothing any more.
 */
export async function deployTriggers(
  tx: Transaction,
  project: string,
  pipelines: readonly PipelineSpec[],
): Promise<void> {
  const wanted = new Map(
    pipelines.flatMap(({ name: pipeline, triggers = [] }) =>
      triggers.map((spec): [string, WantedTrigger] => [keyOf(pipeline, spec.name), { pipeline, spec }]),
    ),
  );
  const rows = await tx.triggers.lockTriggersOf(project);
  const known = new Set(rows.map(({ pipeline, name }) => keyOf(pipeline, name)));
  await tx.triggers.insertTriggers(
    [...wanted].flatMap(([key, one]) => (known.has(key) ? [] : [insertOf(project, one)])),
  );
  await tx.triggers.editTriggers(
    rows.flatMap((row) => editOf(row, wanted.get(keyOf(row.pipeline, row.name)), tx.now) ?? []),
  );
}

function insertOf(project: string, { pipeline, spec }: WantedTrigger): TriggerInsert {
  return { project, pipeline, name: spec.name, spec: canonicalJson(spec), event: eventNameOf(pipeline, spec) };
}

/** What stopped it may be mended by the new version. */
function editOf(row: TriggerRow, wanted: WantedTrigger | undefined, now: number): TriggerEdit | undefined {
  const { key, event } = row;
  if (wanted === undefined) {
    return row.removedAt === null ? { key, spec: row.spec, event, removedAt: now, isNew: false } : undefined;
  }
  const after = { spec: canonicalJson(wanted.spec), event: eventNameOf(wanted.pipeline, wanted.spec) };
  // Files are not sent again when it comes back: what waits for it does so until it is taken.
  const goesOn = row.removedAt === null || wanted.spec.source.kind === "file";
  const isNew = !goesOn || after.event !== event;
  const isSame = row.removedAt === null && !isNew && after.spec === row.spec && row.fault === null;
  return isSame ? undefined : { key, ...after, removedAt: null, isNew };
}

function keyOf(pipeline: string, trigger: string): string {
  return JSON.stringify([pipeline, trigger]);
}
