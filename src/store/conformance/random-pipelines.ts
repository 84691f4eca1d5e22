import fc from "fast-check";
import type { TriggerRule } from "../../core/trigger-rule.ts";
import type { PipelineSketch, TaskSketch } from "./pipelines.ts";

/** A pipeline that nobody thought of. */
export interface RandomPipeline {
  readonly tasks: PipelineSketch;
  /** Values that tasks return whose value decides something, by name; as JSON. */
  readonly values: Readonly<Record<string, string>>;
}

const rules = fc.constantFrom<TriggerRule>(
  ...(["all_success", "all_success", "all_failed", "all_done", "all_done_min_one_success", "all_skipped"] as const),
  ...(["one_success", "one_failed", "one_done", "none_failed", "none_failed_min_one_success"] as const),
  ...(["none_skipped", "always"] as const),
);

const drawnTask = fc.record({
  upstream: fc.array(fc.nat(9), { maxLength: 3 }),
  plain: fc.record({
    when: rules,
    allowFailure: fc.boolean(),
    lostLimit: fc.nat(2),
    priority: fc.nat(1),
  }),
  pools: fc.constantFrom(undefined, undefined, [{ name: "db", slots: 1 }], [{ name: "db", slots: 2 }]),
  feature: fc.constantFrom("none", "none", "none", "branch", "short_circuit", "map", "map"),
  /** How many items a list has, or which dependants a branch keeps. */
  size: fc.nat(3),
});

const drawnGroup = fc.record({
  from: fc.nat(6),
  size: fc.integer({ min: 1, max: 3 }),
  isMapped: fc.boolean(),
  retries: fc.nat(1),
  when: fc.constantFrom<TriggerRule>("all_success", "all_done", "none_failed", "one_failed"),
});

/** Each task waits for some of those before it; some decide about others, some are mapped, some stand in a group. */
export const randomPipelines: fc.Arbitrary<RandomPipeline> = fc
  .record({
    tasks: fc.array(drawnTask, { minLength: 1, maxLength: 9 }),
    group: fc.option(drawnGroup, { nil: undefined }),
  })
  .map(({ tasks, group }) => new PipelineDraft(tasks, group).finish());

type DrawnTask = Parameters<Parameters<typeof drawnTask.map>[0]>[0];
type DrawnGroup = Parameters<Parameters<typeof drawnGroup.map>[0]>[0];

type Draft = { -readonly [Key in keyof TaskSketch]: TaskSketch[Key] };

class PipelineDraft {
  readonly #drawn: readonly DrawnTask[];
  readonly #group: DrawnGroup | undefined;
  readonly #tasks: Record<string, Draft> = {};
  readonly #values: Record<string, string> = {};

  constructor(drawn: readonly DrawnTask[], group: DrawnGroup | undefined) {
    this.#drawn = drawn;
    this.#group = group === undefined ? undefined : { ...group, from: group.from % drawn.length };
  }

  finish(): RandomPipeline {
    for (const [index, task] of this.#drawn.entries()) {
      if (index === this.#group?.from) this.#startGroup(this.#group);
      this.#add(index, task);
      if (this.#group !== undefined && index === this.#last(this.#group)) this.#endGroup(this.#group);
    }
    for (const [index, { feature }] of this.#drawn.entries()) {
      if (feature === "branch") this.#branch(index);
      if (feature === "short_circuit") this.#shortCircuit(index);
    }
    return { tasks: this.#tasks, values: this.#values };
  }

  #startGroup(group: DrawnGroup): void {
    const { isMapped, when, size } = group;
    const outside = this.#drawn
      .slice(group.from, this.#last(group) + 1)
      .flatMap((task, offset) => this.#upstreamOf(group.from + offset, task).filter((up) => !this.#isMember(up)));
    const after = [...new Set(outside)];
    const over = isMapped ? { over: Array.from({ length: size - 1 }, (_, item) => item) } : {};
    this.#tasks["g/start"] = { startOf: "g", ...(isMapped ? { after, when } : {}), ...over };
  }

  #add(index: number, task: DrawnTask): void {
    const name = `t${index}`;
    const member = this.#isMember(name);
    const upstream = this.#upstreamOf(index, task);
    const after = member && this.#group?.isMapped ? upstream.filter((up) => this.#isMember(up)) : upstream;
    const { pools, plain } = task;
    this.#tasks[name] = { ...plain, after, ...(pools === undefined ? {} : { pools }) };
    if (member) Object.assign(this.#tasks[name], { in: "g", gates: ["g/start"] });
    if (task.feature === "map") this.#map(name, after, task.size);
  }

  /** Over the value of a task that it waits for, or over given items. */
  #map(name: string, after: readonly string[], size: number): void {
    const items = Array.from({ length: size }, (_, item) => item);
    const isSource = (up: string) =>
      this.#tasks[up]?.over === undefined &&
      this.#tasks[up]?.endOf === undefined &&
      this.#isMember(up) === this.#isMember(name);
    const source = after.find(isSource);
    Object.assign(this.#tasks[name] ?? {}, { over: source ?? items });
    if (source !== undefined) this.#values[source] = JSON.stringify(items);
  }

  #endGroup(group: DrawnGroup): void {
    if (group.retries === 0) return;
    const after = Object.keys(this.#tasks).filter((name) => this.#isMember(name));
    const groupRetries = { limit: group.retries, delay: { kind: "fixed", ms: 1_000 }, jitter: 0 } as const;
    this.#tasks["g/end"] = { endOf: "g", after, when: "all_done", groupRetries };
  }

  /** Keeps every other of its dependants. */
  #branch(index: number): void {
    const name = `t${index}`;
    if (this.#tasks[name]?.over !== undefined || this.#values[name] !== undefined) return;
    const behind = Object.entries(this.#tasks).filter(
      ([other, { after }]) => after?.includes(name) && this.#canGate(name, other),
    );
    Object.assign(this.#tasks[name] ?? {}, { decides: "branch" });
    for (const [, task] of behind) task.gates = [...(task.gates ?? []), name];
    const kept = behind.map(([other]) => other).filter((other, place) => place % 2 === 0 && !other.includes("/"));
    this.#values[name] = JSON.stringify(kept);
  }

  #shortCircuit(index: number): void {
    const name = `t${index}`;
    if (this.#tasks[name]?.over !== undefined || this.#values[name] !== undefined) return;
    Object.assign(this.#tasks[name] ?? {}, { decides: "short_circuit" });
    this.#values[name] = String((this.#drawn[index]?.size ?? 0) % 2 === 0);
    const behind = new Set([name]);
    for (const [other, task] of Object.entries(this.#tasks)) {
      const hangsOnIt = [...(task.after ?? []), ...(task.in === undefined ? [] : ["g/start"])].some((up) =>
        behind.has(up),
      );
      if (!hangsOnIt) continue;
      behind.add(other);
      if (this.#canGate(name, other)) task.gates = [...(task.gates ?? []), name];
    }
  }

  /** Nobody outside of a mapped group waits for one item of it, and its members wait for the outside by their start. */
  #canGate(gate: string, other: string): boolean {
    if (other.endsWith("/end")) return false;
    return this.#group?.isMapped !== true || this.#isMember(gate) === this.#isMember(other);
  }

  /** What is outside a group with retries waits for its end in place of its members. */
  #upstreamOf(index: number, { upstream }: DrawnTask): readonly string[] {
    const names = [...new Set(upstream.filter((up) => up < index))].map((up) => `t${up}`);
    const hasEnd = this.#group !== undefined && this.#group.retries > 0;
    if (!hasEnd || this.#isMember(`t${index}`)) return names;
    return [...new Set(names.map((name) => (this.#isMember(name) ? "g/end" : name)))];
  }

  #isMember(name: string): boolean {
    const group = this.#group;
    const index = Number(name.slice(1));
    return group !== undefined && name.startsWith("t") && index >= group.from && index <= this.#last(group);
  }

  #last({ from, size }: DrawnGroup): number {
    return Math.min(from + size, this.#drawn.length) - 1;
  }
}
