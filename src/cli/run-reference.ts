import { BatutaError } from "../core/problem.ts";
import type { RunRecord, Store } from "../store/store.ts";
import { didYouMean } from "./did-you-mean.ts";

/** Enough of a UUIDv7 to tell runs apart: its time to the millisecond, and a few random bits, for schedules make many at once. */
const SHORT_ID_LENGTH = 18;
const PREFIX_LENGTH_MIN = 4;
const AMBIGUOUS_SHOWN_MAX = 5;

/** The id of a run as people see it. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}

/** Finds the run that a person means by `latest`, the name of a pipeline (its newest run), an id or the beginning of one. */
export async function findRun(
  store: Pick<Store, "run" | "runs">,
  project: string,
  reference: string,
): Promise<RunRecord> {
  const found =
    reference === "latest"
      ? await newest(store, project)
      : ((await newest(store, project, reference)) ?? (await byId(store, project, reference)));
  return found ?? (await refuse(store, project, reference));
}

async function newest(store: Pick<Store, "runs">, project: string, pipeline?: string): Promise<RunRecord | undefined> {
  const [run] = await store.runs({ project, ...(pipeline === undefined ? {} : { pipeline }), limit: 1 });
  return run;
}

async function byId(store: Pick<Store, "runs">, project: string, text: string): Promise<RunRecord | undefined> {
  const idPrefix = text.toLowerCase();
  if (idPrefix.length < PREFIX_LENGTH_MIN || !/^[0-9a-f-]+$/.test(idPrefix)) return undefined;
  const [first, ...others] = await store.runs({ project, idPrefix, limit: AMBIGUOUS_SHOWN_MAX });
  if (others.length === 0 || first === undefined) return first;
  const ids = [first, ...others].map((run) => `${run.id}  ${run.pipeline}`);
  throw new BatutaError("usage", `"${text}" is the beginning of several runs.`, {
    hint: `Write more of it:\n${ids.join("\n")}`,
  });
}

async function refuse(store: Pick<Store, "runs">, project: string, reference: string): Promise<never> {
  const recent = await store.runs({ project, limit: RECENT_LOOKED_AT });
  if (recent.length === 0) {
    throw new BatutaError("not_found", "There are no runs yet.", { hint: "Start one: batuta run <pipeline>." });
  }
  if (reference === "latest") throw new BatutaError("not_found", "There is no run.");
  const names = [...new Set(recent.map((run) => run.pipeline))];
  throw new BatutaError("not_found", `There is no run "${reference}".`, {
    hint: `${didYouMean(reference, names)}Give an id or its beginning, a pipeline's name, or "latest"; batuta runs lists them.`,
  });
}

const RECENT_LOOKED_AT = 200;
