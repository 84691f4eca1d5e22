import { expect, test } from "vitest";
import { graphOf } from "../core/graph.ts";
import { manifestOf, type PipelineSketch } from "./conformance/pipelines.ts";
import { RunBlocks } from "./run-blocks.ts";

test("what hangs on a task run is known by its key, once its run has been met", () => {
  const blocks = new RunBlocks();
  const graph = graphOfSketch({
    first: {},
    gated: { gates: ["first"] },
    second: { after: ["first"] },
    last: { after: ["second"] },
  });
  expect(blocks.withBehind([100])).toEqual([100]);
  blocks.note({ firstKey: 200, graph });
  blocks.note({ firstKey: 100, graph });
  expect(blocks.withBehind([100])).toEqual([100, 102, 101]);
  expect(blocks.withBehind([202, 203])).toEqual([202, 203]);
  expect(blocks.withBehind([99, 104, 204])).toEqual([99, 104, 204]);
});

test("items of a map have keys of no block, and wait for the joins of the map met last", () => {
  const blocks = new RunBlocks();
  const graph = graphOfSketch({ list: {}, each: { after: ["list"], over: "list" }, join: { after: ["each"] } });
  blocks.note({ firstKey: 100, graph });
  expect(blocks.withBehind([5_000, 5_001])).toEqual([5_000, 5_001, 102]);
  expect(blocks.withBehind([100])).toEqual([100]);
});

test("of very many runs the oldest are forgotten", () => {
  const blocks = new RunBlocks();
  const graph = graphOfSketch({ first: {}, second: { after: ["first"] } });
  for (let run = 0; run < 2_000; run++) blocks.note({ firstKey: run * 2, graph });
  expect(blocks.withBehind([0])).toEqual([0]);
  expect(blocks.withBehind([3_998])).toEqual([3_998, 3_999]);
});

function graphOfSketch(sketch: PipelineSketch): ReturnType<typeof graphOf> {
  const [pipeline] = manifestOf({ sketch }).pipelines;
  if (pipeline === undefined) throw new Error("No pipeline");
  return graphOf(pipeline);
}
