import { expect, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const SALES = `
import { pipeline } from "batuta";
import { z } from "zod";

const params = z.object({ region: z.string().default("eu"), note: z.string().default("") });

export default pipeline("sales", { params }, ({ task }) => {
  const rows = task("rows", { cache: true }, ({ log, params }) => {
    log.info("reading");
    return [params.region, "x".repeat(9)];
  });
  task("count", { input: { rows }, cache: { key: ["input.rows"], ttl: "1h" } }, ({ input }) => input.rows.length);
  task("keyed", { cache: { key: ({ params }) => params.region } }, ({ log }) => log.info("keyed"));
});
`;

test("a result is taken from the cache while code, inputs and parameters are the same, and its origin is shown", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  const first = field(envelope(await project.batuta("run", "sales", "--json")), "data");
  expect(reasons(first)).toEqual([undefined, undefined, undefined]);
  const again = await project.batuta("run", "sales");
  expect(again.stderr).toContain("rows success (from the cache, made by run");
  const why = field(envelope(await project.batuta("why", "latest", "rows", "--json")), "data", "tasks", 0);
  const sentence = `was taken from the cache: run ${String(field(first, "id"))} made it at 20`;
  expect(field(why, "reasons", 0, "sentence")).toContain(sentence);

  const other = field(envelope(await project.batuta("run", "sales", "--param", "note=x", "--json")), "data");
  expect(reasons(other)).toEqual([undefined, expect.stringMatching(/^cache: /), expect.stringMatching(/^cache: /)]);
  const fresh = field(envelope(await project.batuta("retry", "latest", "--json")), "data");
  expect(reasons(fresh)).toEqual([undefined, undefined, undefined]);

  project.write("pipelines/sales.ts", SALES.replace('log.info("reading")', 'log.info("reading anew")'));
  const edited = field(envelope(await project.batuta("run", "sales", "--json")), "data");
  expect(reasons(edited)).toEqual([undefined, undefined, undefined]);
});

function reasons(run: unknown): readonly unknown[] {
  return [0, 1, 2].map((index) => field(run, "tasks", index, "reason"));
}
