import fc from "fast-check";
import { expect, test } from "vitest";
import { isJunction } from "../core/junction.ts";
import type { GroupSpec, TaskSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { pipeline } from "./pipeline.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";

/** What a random pipeline defines, in order; numbers choose among what has been defined before. */
interface Step {
  readonly kind: "task" | "branch" | "circuit" | "setup" | "teardown" | "group" | "mapped" | "retried";
  readonly after: readonly number[];
  readonly inner: readonly Step[];
}

const KINDS = ["task", "task", "branch", "circuit", "setup", "teardown", "setup", "teardown"] as const;
const after = fc.array(fc.nat(9), { maxLength: 3 });

const single: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...KINDS), after, inner: fc.constant([]) });

function withGroups(inner: fc.Arbitrary<Step>): fc.Arbitrary<Step> {
  const kind = fc.constantFrom("group", "mapped", "retried");
  return fc.oneof(single, fc.record({ kind, after, inner: fc.array(inner, { minLength: 1, maxLength: 4 }) }));
}

const step = withGroups(withGroups(withGroups(single)));

test("whatever is defined, the order holds, gates are ancestors, and no edge crosses the border of a group", () => {
  let compiled = 0;
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) => {
      const spec = compiledOrRefused(steps);
      if (spec === undefined) return;
      compiled += 1;
      for (const { name, kind } of spec.tasks) if (kind === "junction") seen.add(name.replace(/^.*\//, ""));
      checkTasks(spec.tasks, spec.groups ?? []);
    }),
    { numRuns: 1_500, seed: 7 },
  );
  expect(compiled).toBeGreaterThan(200);
  expect([...seen]).toEqual(expect.arrayContaining(["end", "setups", "start", "work"]));
});

/** A definition that is refused is refused with a place and a remedy, never with a defect. */
function compiledOrRefused(steps: readonly Step[]) {
  try {
    return pipeline("random", (builder) => void define(builder, steps, [], { next: 0 })).spec;
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    expect(error).toMatchObject({ code: "invalid_definition", hint: expect.any(String), location: expect.anything() });
    return undefined;
  }
}

type Known = { readonly ref: never; readonly isSetup: boolean }[];

/** Gives what it has defined: members of groups can be waited for from outside. */
function define(builder: PipelineBuilder, steps: readonly Step[], around: Known, count: { next: number }): Known {
  const known: Known = [...around];
  for (const { kind, after: chosen, inner } of steps) {
    const name = `n${count.next++}`;
    const before = chosen.flatMap((number) => known[known.length - 1 - number]?.ref ?? []);
    const setup = known.slice(around.length).findLast(({ isSetup }) => isSetup)?.ref;
    const members: Known = [];
    const grouped = (more: object) =>
      builder.group(name, { after: before, ...more }, (own) => {
        members.push(...define(own as never, inner, known, count));
      });
    const made = {
      task: () => builder.task(name, { after: before }, () => 1),
      branch: () => {
        const branch = builder.branch(name, { after: before }, () => null);
        builder.task(`${name}_choice`, { after: branch }, () => 1);
        return branch;
      },
      circuit: () => builder.shortCircuit(name, { after: before }, () => true),
      setup: () => builder.task(name, { after: before, setup: true }, () => 1),
      teardown: () =>
        builder.task(name, { after: before, ...(setup === undefined ? {} : { teardown: setup }) }, () => 1),
      group: () => grouped({}),
      mapped: () => grouped({ map: [1, 2] }),
      retried: () => grouped({ retries: 1 }),
    }[kind]();
    known.push(...members, { ref: made as never, isSetup: kind === "setup" });
  }
  return known.slice(around.length);
}

function checkTasks(tasks: readonly TaskSpec[], groups: readonly GroupSpec[]): void {
  const around = (group: number | undefined): readonly number[] =>
    group === undefined ? [] : [group, ...around(groups[group]?.parent)];
  const ancestors: Set<number>[] = [];
  for (const [index, task] of tasks.entries()) {
    const starts = (task.gates ?? []).filter((gate) => tasks[gate]?.name.endsWith("/start"));
    const direct = [...task.upstream, ...starts, ...(task.name.endsWith("/end") ? (task.gates ?? []) : [])];
    const before = new Set(direct.flatMap((from) => [from, ...(ancestors[from] ?? [])]));
    ancestors.push(before);
    expect(direct.every((from) => from < index)).toBe(true);
    expect((task.gates ?? []).every((gate) => before.has(gate))).toBe(true);
    for (const from of task.upstream) {
      const source = tasks[from];
      const entered = around(task.group).filter((group) => !around(source?.group).includes(group));
      const left = around(source?.group).filter((group) => !around(task.group).includes(group));
      // Into a map only its start has edges, and out of a group with retries only its junctions.
      expect(entered.some((group) => groups[group]?.map !== undefined)).toBe(false);
      const isOwnJunction = left.every((group) => {
        const { end, cleanup } = groups[group] ?? {};
        return end === undefined || end === index || cleanup === index;
      });
      expect(isOwnJunction).toBe(true);
    }
    if (task.role === "teardown" && !isJunction(task)) expect(task.upstream).toHaveLength(2);
  }
}
