import { expect, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import { MapLevels } from "../core/map-levels.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { StoredValue } from "../core/value.ts";
import type { Claim, RunRecord, TaskRunRecord } from "../store/store.ts";
import type { CompiledRun } from "./compiled-versions.ts";
import { ItemLists } from "./item-lists.ts";

test("DM-1: a list is read once for all of its items, and anew when its source has made another", async () => {
  const store = new ListStore({ kind: "inline", json: '["a", {"b": [1, 2]}, "ü"]' });
  const lists = new ItemLists(store);
  for (let turn = 0; turn < 3; turn++) {
    expect(await lists.of(RUN, [claim("0"), claim("2"), claim("1")])).toEqual(
      ['"a"', '"ü"', '{"b": [1, 2]}'].map((json) => ({ kind: "inline", json })),
    );
  }
  expect(store.reads).toBe(1);
  store.made({ kind: "inline", json: "[7]" });
  expect(await lists.of(RUN, [claim("0"), claim("1")])).toEqual([{ kind: "inline", json: "7" }, undefined]);
  expect(store.reads).toBe(2);
});

test("DM-1: a large list stays in its blob", async () => {
  const lists = new ItemLists(new ListStore({ kind: "blob", hash: "abc", bytes: 3_000_000 }));
  expect(await lists.of(RUN, [claim("4")])).toEqual([{ kind: "in_blob", hash: "abc", index: 4 }]);
});

test("a source without a value, and one that is no list, have no items", async () => {
  expect(await new ItemLists(new ListStore(undefined)).of(RUN, [claim("0")])).toEqual([undefined]);
  expect(await new ItemLists(new ListStore({ kind: "inline", json: "{}" })).of(RUN, [claim("0")])).toEqual([undefined]);
});

test("lists that were not used for long are let go when there is no room", async () => {
  const text = JSON.stringify(["x".repeat(1_000_000)]);
  const store = new ListStore({ kind: "inline", json: text });
  const lists = new ItemLists(store);
  for (let made = 0; made < 40; made++) {
    await lists.of(RUN, [claim("0")]);
    store.made({ kind: "inline", json: text });
  }
  store.token = 1;
  await lists.of(RUN, [claim("0")]);
  store.token = 40;
  await lists.of(RUN, [claim("0")]);
  expect(store.reads).toBe(41);
});

/** A store with the value of the one source. */
class ListStore {
  reads = 0;
  token = 1;
  #value: StoredValue | undefined;

  constructor(value: StoredValue | undefined) {
    this.#value = value;
  }

  made(value: StoredValue): void {
    this.token += 1;
    this.#value = value;
  }

  async taskRunsAt(): Promise<readonly TaskRunRecord[]> {
    return [{ key: 1, taskIndex: 0, mapKey: "", token: this.token } as TaskRunRecord];
  }

  async values(): Promise<readonly (StoredValue | undefined)[]> {
    this.reads += 1;
    return [this.#value];
  }
}

const SPEC = {
  tasks: [
    plainTask("list", { isMapSource: true }),
    plainTask("each", { upstream: [0], map: { over: { kind: "task", index: 0 }, limit: 100 } }),
  ],
} as unknown as PipelineSpec;

const RUN: CompiledRun = {
  run: { id: "run" } as RunRecord,
  pipeline: SPEC,
  levels: new MapLevels(SPEC.tasks, []),
};

function claim(mapKey: string): Claim {
  return { runId: "run", taskRunKey: 2, token: 1, taskIndex: 1, mapKey, generation: 1, attempt: 1, lost: 0 };
}
