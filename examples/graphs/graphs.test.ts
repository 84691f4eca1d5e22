import { readFileSync } from "node:fs";
import { runPipeline } from "batuta/testing";
import { expect, it } from "vitest";
import branches from "./pipelines/branches.ts";
import cleanup from "./pipelines/cleanup.ts";
import groups from "./pipelines/groups.ts";
import maps from "./pipelines/maps.ts";

it("branches: one way is taken, and both meet again", async () => {
  const run = await runPipeline(branches, { date: "2024-01-02" });
  run.succeeded().states({ load_bulk: "success", load_rows: "skipped", publish: "success", send_invoice: "success" });
  const other = await runPipeline(branches, { date: "2024-01-03", stubs: { count_orders: () => 3 } });
  other.succeeded().states({ load_bulk: "skipped", load_rows: "success", publish: "success", send_invoice: "skipped" });
  const sunday = await runPipeline(branches, { date: "2024-01-07" });
  sunday.succeeded().states({ count_orders: "skipped", choose: "skipped", publish: "skipped" });
});

it("groups: one function makes two of them, and one is run again as a whole", async () => {
  let calls = 0;
  const flaky = (): boolean => {
    calls += 1;
    if (calls === 1) throw new Error("no answer");
    return true;
  };
  const run = await runPipeline(groups, { stubs: { "erp.check": flaky } });
  run.succeeded().states({ alarm: "skipped" }).task("report").returned(6);
  run.task("erp.store").startedAfter("10m");
});

it("cleanup: the cluster is deleted whatever becomes of the work", async () => {
  (await runPipeline(cleanup)).succeeded().task("publish").returned("sorted on c-1");
  const failed = await runPipeline(cleanup, {
    stubs: {
      sort: () => {
        throw new Error("no memory");
      },
    },
  });
  failed.failed().states({ join: "upstream_failed", delete_cluster: "success", publish: "upstream_failed" });
  failed.task("delete_cluster").logged("deleted");
});

it("maps: there is a task run for each item, and the join has their values in order", async () => {
  const run = await runPipeline(maps);
  run.succeeded().task("size", 1).returned(21);
  run.task("total").returned(31);
  run.task("region.store", 0).returned(2);
  run.task("summary").returned([2, 2]);
});

it("docs/graphs.md shows these pipelines", () => {
  const page = read("../../docs/graphs.md");
  for (const name of ["branches", "groups", "cleanup", "maps"]) {
    const example = `<!-- examples/graphs/pipelines/${name}.ts -->\n\n\`\`\`ts\n${read(`pipelines/${name}.ts`)}\`\`\`\n`;
    expect(page).toContain(example);
  }
});

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}
