import { test } from "vitest";
import { pipeline } from "../sdk/index.ts";
import { runPipeline } from "./index.ts";

test("DM-1, DM-3: a mapped task runs for each item, and its join sees the results in their order", async () => {
  const sizes = pipeline("sizes", ({ task }) => {
    const files = task("files", () => [{ name: "a", bytes: 3 }, { name: "bb", bytes: 5 }, { name: "c", bytes: 7 }]);
    const size = task("size", { map: files, label: "name" }, ({ item, index }) => `${index}: ${item.bytes}`);
    task("join", { input: { size } }, async ({ input }) => {
      const seen: string[] = [];
      for await (const one of input.size) seen.push(one);
      return { length: input.size.length, seen, all: await input.size.toArray() };
    });
  });
  const run = await runPipeline(sizes);
  const all = ["0: 3", "1: 5", "2: 7"];
  run.succeeded().task("join").returned({ length: 3, seen: all, all });
});
