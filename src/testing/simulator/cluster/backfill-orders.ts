import type { NewBackfill } from "../../../store/backfill-records.ts";
import type { Store } from "../../../store/store.ts";
import { type ActionPlan, PROJECT, VERSION_HASH } from "../workload/scenario.ts";
import type { Heard } from "./heard.ts";

type Backfilling = Extract<ActionPlan, { kind: "backfill" }>;
type Acting = Extract<ActionPlan, { kind: "backfill_act" }>;

/** A backfill as it is asked for; the same key asks for the same. */
export function newBackfill({ name, key, pipeline, schedule, range, intervals, ...rest }: Backfilling): NewBackfill {
  const { reprocess, order, maxActive } = rest;
  const { timing, timezone, filter } = schedule;
  const said = { from: "", to: "", reprocess, order, isSingleRun: false, params: schedule.params };
  return {
    ...{ project: PROJECT, pipeline, schedule: schedule.name, versionHash: VERSION_HASH, requestKey: key },
    ...{ range, intervals, maxActive, actor: name },
    request: { timing, timezone, ...(filter === undefined ? {} : { filter }), ...said },
  };
}

/** To the newest of its key. */
export async function actOnBackfill(store: Store, { of, action, name }: Acting): Promise<Heard> {
  const known = await store.backfills({ project: PROJECT, limit: 100 });
  const found = known.find(({ requestKey }) => requestKey === of);
  if (found === undefined) return "refused";
  const { kind } = await store.actOnBackfill({ project: PROJECT, id: found.id, action, actor: name });
  return kind === "done" ? "done" : "refused";
}
