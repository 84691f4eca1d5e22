import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchFolders } from "./folder-watch.ts";

function setup() {
  const dir = mkdtempSync(join(tmpdir(), "batuta-watch-"));
  const onChange = vi.fn();
  const watch = watchFolders(onChange);
  onTestFinished(() => {
    watch.close();
    rmSync(dir, { recursive: true, force: true });
  });
  /** Waits until something is told of what `change` does. */
  const tells = async (change: () => void): Promise<void> => {
    onChange.mockClear();
    change();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 30_000 });
  };
  return { dir, watch, onChange, tells };
}

test("tells of files that are made, written, renamed and removed", async () => {
  const { dir, watch, tells } = setup();
  watch.watch([dir]);
  await tells(() => writeFileSync(join(dir, "a"), "1"));
  await tells(() => writeFileSync(join(dir, "a"), "2"));
  await tells(() => renameSync(join(dir, "a"), join(dir, "b")));
  await tells(() => rmSync(join(dir, "b")));
});

test("watches other folders from one moment to the next, and one that is gone does no harm", async () => {
  const { dir, watch, tells } = setup();
  mkdirSync(join(dir, "in"));
  watch.watch([join(dir, "absent"), join(dir, "in")]);
  await tells(() => writeFileSync(join(dir, "in", "a"), "1"));
  await tells(() => rmSync(join(dir, "in"), { recursive: true }));
  watch.watch([dir]);
  await tells(() => writeFileSync(join(dir, "a"), "1"));
});

test("a folder that was removed and made again is watched anew", async () => {
  const { dir, watch, tells } = setup();
  mkdirSync(join(dir, "in"));
  watch.watch([join(dir, "in")]);
  rmSync(join(dir, "in"), { recursive: true });
  mkdirSync(join(dir, "in"));
  watch.watch([join(dir, "in")]);
  await tells(() => writeFileSync(join(dir, "in", "a"), "1"));
});
