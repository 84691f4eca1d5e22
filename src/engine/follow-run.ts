import type { Clock } from "../ports/clock.ts";
import { sleep } from "../ports/clock.ts";
import type { EventRecord, RunId, Store } from "../store/store.ts";

const PAGE_MAX = 1_000;

/** What to follow. A run that is executed again has ended before: begin after the last event of that time. */
export interface Following {
  readonly run: RunId;
  /** Cursor of the last event already known; absent = from the run's creation. */
  readonly after?: string;
  /** How long to wait between two looks. */
  readonly everyMs: number;
}

/**
 * The events of a run, in commit order, page by page, until one says that the run has ended. Works as well for a run
 * that another process executes: rows are read, hints are not needed.
 */
export async function* followRun(
  store: Pick<Store, "events">,
  clock: Clock,
  { run, after, everyMs }: Following,
): AsyncGenerator<readonly EventRecord[]> {
  let cursor = after;
  for (;;) {
    const page = await store.events({ run, limit: PAGE_MAX, ...(cursor === undefined ? {} : { after: cursor }) });
    if (page.events.length > 0) yield page.events;
    if (page.events.some(endsRun)) return;
    cursor = page.cursor ?? cursor;
    if (page.events.length < PAGE_MAX) await sleep(clock, everyMs);
  }
}

function endsRun({ body }: EventRecord): boolean {
  return body.kind === "run_state" && ["success", "failed", "cancelled"].includes(body.to);
}
