import type { GroupDraft } from "./drafts.ts";

/** How groups lie within each other. */
export class GroupTree {
  readonly groups: readonly GroupDraft[];
  readonly #around: (readonly number[])[] = [];

  constructor(groups: readonly GroupDraft[]) {
    this.groups = groups;
    // Outer groups come first, so the answer for the one around is there already.
    for (const [index, { group }] of groups.entries()) this.#around.push([index, ...this.around(group)]);
  }

  /** The group itself and those around it, from the innermost outward. */
  around(group: number | undefined): readonly number[] {
    return group === undefined ? NONE : (this.#around[group] ?? NONE);
  }

  /** Whether `inner` is `outer` or lies in it. */
  contains(outer: number, inner: number | undefined): boolean {
    return this.around(inner).includes(outer);
  }

  /** The mapped group nearest to the outside that holds `inside` but not `outside`. */
  mapBetween(inside: number | undefined, outside: number | undefined): number | undefined {
    return this.around(inside).findLast((group) => this.isMapped(group) && !this.contains(group, outside));
  }

  isMapped(group: number): boolean {
    return this.groups[group]?.map !== undefined;
  }

  isRetried(group: number): boolean {
    return (this.groups[group]?.retries?.limit ?? 0) > 0;
  }

  /** The innermost group around that goes its own ways: a copy for each item, or again as a whole. */
  boundary(group: number | undefined): number | undefined {
    return this.around(group).find((index) => this.isMapped(index) || this.isRetried(index));
  }
}

const NONE: readonly number[] = [];
