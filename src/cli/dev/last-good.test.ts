import { expect, test } from "vitest";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import { type CurrentPipelines, currentPipelines as currentBy, keptFrom } from "./last-good.ts";

function pipeline(name: string, file = `pipelines/${name}.ts`): PipelineSpec {
  return { name, location: { file, line: 1 }, tags: [], tasks: [], timezone: "UTC", graphHash: name };
}

function error(file: string, severity: ProjectProblem["severity"] = "error"): ProjectProblem {
  return { severity, code: "load_failed", message: "no", file };
}

function compiled(hash: string, pipelines: readonly PipelineSpec[], problems: readonly ProjectProblem[] = []) {
  return { hash, manifest: { format: 1 as const, pipelines }, problems };
}

function versions(current: CurrentPipelines): Record<string, string> {
  return Object.fromEntries([...current].map(([name, { versionHash }]) => [name, versionHash]));
}

/** With files that could not be loaded, where they have an error. */
function currentPipelines(before: CurrentPipelines, now: ReturnType<typeof compiled>): CurrentPipelines {
  return currentBy(before, now, () => undefined);
}

const FIRST = currentPipelines(new Map(), compiled("v1", [pipeline("a"), pipeline("b")]));

test("what is sound runs as it is now", () => {
  expect(versions(currentPipelines(FIRST, compiled("v2", [pipeline("a"), pipeline("c")])))).toEqual({
    a: "v2",
    c: "v2",
  });
});

test("a pipeline whose file is broken stays as it was good last, however often the others change", () => {
  const second = currentPipelines(FIRST, compiled("v2", [pipeline("b")], [error("pipelines/a.ts")]));
  const third = currentPipelines(second, compiled("v3", [pipeline("b")], [error("pipelines/a.ts")]));
  expect(versions(third)).toEqual({ a: "v1", b: "v3" });
  expect(keptFrom(third, "v3")).toEqual(["a"]);
  expect(versions(currentPipelines(third, compiled("v4", [pipeline("a"), pipeline("b")])))).toEqual({
    a: "v4",
    b: "v4",
  });
});

test("a pipeline is gone with its file, and when its file is sound without it", () => {
  const warned = compiled("v2", [pipeline("b")], [error("pipelines/a.ts", "warning")]);
  expect(versions(currentPipelines(FIRST, warned))).toEqual({ b: "v2" });
});

test("a pipeline that has moved to a sound file runs from there", () => {
  const moved = compiled("v2", [pipeline("a", "pipelines/new.ts")], [error("pipelines/a.ts")]);
  expect(versions(currentPipelines(FIRST, moved))).toEqual({ a: "v2" });
});

test("a pipeline that its file does not have any more is gone, though another of the file is wrong", () => {
  const both = compiled("v1", [pipeline("a", "two.ts"), pipeline("b", "two.ts")]);
  const before = currentPipelines(new Map(), both);
  const after = currentBy(before, compiled("v2", [], [error("two.ts")]), () => new Set(["a"]));
  expect(versions(after)).toEqual({ a: "v1" });
});
