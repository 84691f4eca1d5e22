import { cacheReason } from "../core/cache-reason.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Json } from "../core/json.ts";
import { type CacheFacts, type CacheSpec, cacheKeyParts } from "../core/result-cache.ts";
import type { AttemptOrder, AttemptReport, AttemptResult, Executor, ItemValue } from "../execution/executor.ts";
import { sha256Hex } from "../ports/digest.ts";
import type { CacheNote } from "../store/cache-records.ts";
import type { Store } from "../store/store.ts";

/** A report, and what the store is told of the cache with it. */
export interface CachedReport {
  readonly report: AttemptReport;
  readonly cache?: CacheNote;
}

/**
 * Runs attempts of tasks with a result cache: takes the result that is kept for the same code, inputs and parameters, or
 * runs the attempt and says under which key its result is to be kept.
 *
 * 1. A key that cannot be computed is a miss that everybody sees, and never an end of the attempt.
 * 2. `runIf` and `doneWhen` come first: what is not to run is not taken from the cache either.
 * 3. A task that was cleared computes anew; what it gives then takes the place of what was kept.
 */
export class ResultCache {
  readonly #store: Pick<Store, "cacheEntry">;
  readonly #executor: Pick<Executor, "execute">;

  constructor(store: Pick<Store, "cacheEntry">, executor: Pick<Executor, "execute">) {
    this.#store = store;
    this.#executor = executor;
  }

  /** Never rejects, as `execute` does not. */
  async execute(order: AttemptOrder, spec: CacheSpec): Promise<CachedReport> {
    const asked = order.askFirst || spec.key === "function" ? await this.#ask(order) : NOTHING_ASKED;
    if (asked.kind !== "asked") return { report: { result: asked } };
    const key = keyOf(order, spec, asked);
    if (key.kind === "unknown") return this.#miss(order, { kind: "unknown", why: key.why });
    const { ttlMs } = spec;
    const keep: CacheNote = { kind: "keep", key: key.key, ...(ttlMs === undefined ? {} : { ttlMs }) };
    if (order.generation > 1) return this.#miss(order, keep);
    try {
      const entry = await this.#store.cacheEntry(order.project, key.key);
      if (entry === undefined) return this.#miss(order, keep);
      const { output, runId, createdAt: at } = entry;
      const reason = cacheReason({ runId, at });
      return { report: { result: { kind: "success", reason, ...(output === undefined ? {} : { output }) } } };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.#miss(order, { kind: "unknown", why: `the cache could not be read: ${message}` });
    }
  }

  async #ask(order: AttemptOrder): Promise<AttemptResult> {
    return (await this.#executor.execute({ ...order, askOnly: true })).result;
  }

  async #miss(order: AttemptOrder, cache: CacheNote): Promise<CachedReport> {
    const note = cache.kind === "unknown" ? { note: `The result cache was passed by: ${cache.why}.` } : {};
    return { report: await this.#executor.execute({ ...order, askFirst: false, ...note }), cache };
  }
}

type Asked = Extract<AttemptResult, { kind: "asked" }>;

const NOTHING_ASKED: Asked = { kind: "asked" };

type Key = { readonly kind: "known"; readonly key: string } | { readonly kind: "unknown"; readonly why: string };

function keyOf(order: AttemptOrder, spec: CacheSpec, { cacheKey, problem }: Asked): Key {
  if (problem !== undefined) return { kind: "unknown", why: problem };
  const answered: Json | undefined = cacheKey;
  const found = cacheKeyParts(spec, factsOf(order), answered);
  return found.kind === "unknown" ? found : { kind: "known", key: sha256Hex(canonicalJson(found.parts)) };
}

function factsOf({ item, ...order }: AttemptOrder): CacheFacts {
  const facts = { ...order, task: order.task.name };
  return item === undefined ? facts : { ...facts, item: contentOf(item) };
}

/** A large list is named by its content already. */
function contentOf(item: ItemValue): Json {
  if (item.kind === "inline") return { json: item.json };
  return item.kind === "in_blob"
    ? { sha256: item.hash, index: item.index }
    : { sha256: item.hash, offset: item.offset };
}
