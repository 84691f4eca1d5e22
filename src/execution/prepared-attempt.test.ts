import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { plainTask } from "../core/plain-task-for-tests.ts";
import { systemClock } from "../ports/clock.ts";
import { localFiles } from "../ports/files.ts";
import type { AttemptServices } from "./attempt-services.ts";
import { BlobLists } from "./blob-lists.ts";
import { type BlobStore, localBlobs } from "./blobs.ts";
import type { AttemptOrder, AttemptReport, ItemValue } from "./executor.ts";
import { PreparedAttempt } from "./prepared-attempt.ts";

const DONE: AttemptReport = { result: { kind: "success" } };

test("an item of a list that is kept as a blob is found, in lists of every size", async () => {
  const { services, blobs } = setup();
  const list = Array.from({ length: 30_000 }, (_, index) => ({ index, text: "ü".repeat(60) }));
  const { hash } = await blobs.put(JSON.stringify(list));
  for (const index of [0, 17_777, 29_999]) {
    const item = await preparedItem(services, { kind: "in_blob", hash, index });
    if (item?.kind !== "blob_part") throw new Error("not found");
    expect(JSON.parse(Buffer.from(blobs.part(hash, item.offset, item.bytes)).toString())).toEqual(list[index]);
  }
  await expect(preparedItem(services, { kind: "in_blob", hash, index: 30_000 })).rejects.toThrow("has no item 30000");
});

test("an attempt that is stopped while it is prepared does not begin", async () => {
  const { services, blobs } = setup();
  const { hash } = await blobs.put("[1]");
  let begun = 0;
  const attempt = new PreparedAttempt(order({ kind: "in_blob", hash, index: 0 }), services, () => {
    begun += 1;
    return { run: async () => DONE, stop: () => {} };
  });
  const report = attempt.run();
  attempt.stop();
  expect(await report).toMatchObject({ result: { kind: "cancelled" } });
  expect(begun).toBe(0);
});

async function preparedItem(services: AttemptServices, item: ItemValue): Promise<ItemValue | undefined> {
  let found: ItemValue | undefined;
  const attempt = new PreparedAttempt(order(item), services, (prepared) => {
    found = prepared.item;
    return { run: async () => DONE, stop: () => {} };
  });
  expect(await attempt.run()).toBe(DONE);
  return found;
}

function order(item: ItemValue): AttemptOrder {
  const id = { runId: "run", taskRunKey: 1, generation: 1, attempt: 1 };
  return { ...id, task: plainTask("each"), item, input: {} } as unknown as AttemptOrder;
}

function setup(): { readonly services: AttemptServices; readonly blobs: BlobStore } {
  const folder = mkdtempSync(join(tmpdir(), "batuta-prepared-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const blobs = localBlobs(join(folder, "blobs"), localFiles);
  const temp = { sessionDir: join(folder, "tmp"), remove: () => {}, close: () => {} };
  const services = { files: localFiles, blobs, lists: new BlobLists(blobs, systemClock), temp };
  return { services: services as unknown as AttemptServices, blobs };
}
