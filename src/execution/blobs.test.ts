import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localFiles } from "../ports/files.ts";
import { localBlobs } from "./blobs.ts";

test("a blob is named by its content and comes back as it was", async () => {
  const { blobs, folder } = setup();
  const text = JSON.stringify({ text: "ä€😀".repeat(1000) });
  const first = await blobs.put(text);
  expect(await blobs.put(text)).toEqual(first);
  expect(first.bytes).toBe(Buffer.byteLength(text));
  expect(await blobs.get(first.hash)).toBe(text);
  expect(readdirSync(join(folder, first.hash.slice(0, 2)))).toEqual([first.hash]);
});

test("a blob that was changed on disk is refused, and mended by putting it again", async () => {
  const { blobs, folder } = setup();
  const { hash } = await blobs.put("original");
  writeFileSync(join(folder, hash.slice(0, 2), hash), "orig");
  await expect(blobs.get(hash)).rejects.toMatchObject({ code: "not_found" });
  await blobs.put("original");
  expect(await blobs.get(hash)).toBe("original");
});

test.each(["", "../../etc/passwd", "A".repeat(64), "a".repeat(63), `${"a".repeat(64)}/..`])(
  "S09: %j is no name of a blob",
  async (name) => {
    await expect(setup().blobs.get(name)).rejects.toMatchObject({ code: "not_found" });
  },
);

test("a missing blob says so", async () => {
  await expect(setup().blobs.get("a".repeat(64))).rejects.toMatchObject({ code: "not_found" });
});

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "batuta-blobs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, blobs: localBlobs(folder, localFiles) };
}
