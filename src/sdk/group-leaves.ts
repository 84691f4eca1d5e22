import { type Links, outward, type Targets } from "./links.ts";
import type { Target } from "./name-table.ts";

/** What stands for a group where it is waited for. */
export class GroupLeaves {
  readonly #links: Links;
  readonly #targets: Targets;
  readonly #known = new Map<number, readonly number[]>();

  constructor(links: Links, targets: Targets) {
    this.#links = links;
    this.#targets = targets;
  }

  /** The parts that are meant by a target, seen from outside of the groups that do not hold `outside`. */
  positionsOf({ kind, index }: Target, outside: number | undefined): readonly number[] {
    if (kind === "task") return [outward(index, outside, this.#links)];
    const { [index]: end } = this.#links.parts.ends;
    const ways = end === undefined ? this.#leaves(index) : [end];
    return [...new Set(ways.map((position) => outward(position, outside, this.#links)))];
  }

  /** Members that nothing else of the group waits for; tear-downs are nobody's work, and wait for all of it anyway. */
  #leaves(group: number): readonly number[] {
    const known = this.#known.get(group);
    if (known !== undefined) return known;
    const { parts } = this.#links;
    const ends = new Set<number>();
    const followed = new Set<number>();
    for (const position of parts.members[group] ?? []) {
      const part = parts.all[position];
      if (part === undefined || part.draft?.spec.role === "teardown") continue;
      if (part.kind === "task") ends.add(outward(position, group, this.#links));
      for (const target of this.#targets[position] ?? []) {
        if (!this.#isWithin(target, group)) continue;
        for (const from of this.positionsOf(target, part.group)) followed.add(from);
      }
    }
    const leaves = [...ends].filter((position) => !followed.has(position));
    const found = leaves.length > 0 ? leaves : [...ends];
    this.#known.set(group, found);
    return found;
  }

  #isWithin({ kind, index }: Target, group: number): boolean {
    const { parts, tree } = this.#links;
    return tree.contains(group, kind === "group" ? index : parts.all[index]?.group);
  }
}
