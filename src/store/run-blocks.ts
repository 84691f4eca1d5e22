import type { TaskGraph } from "../core/graph.ts";

/** The keys of the task runs that a run was created with, which never change: by them one knows what hangs on which. */
export interface RunBlock {
  readonly firstKey: number;
  readonly graph: TaskGraph;
}

/** Blocks of runs met lately, so that what hangs on a task run can be asked for before its run has been read. */
export class RunBlocks {
  /** By their first keys, ascending. */
  #blocks: RunBlock[] = [];
  /** What waits for items of the run with a map that was met last: the keys of those do not say which run they are of. */
  #joins: readonly number[] = [];

  note(block: RunBlock): void {
    if (block.graph.levels.isMapped) this.#joins = joinsOf(block);
    const at = this.#indexUpTo(block.firstKey);
    if (this.#blocks[at]?.firstKey === block.firstKey) return;
    if (this.#blocks.length >= BLOCKS_MAX) this.#blocks = this.#blocks.slice(BLOCKS_MAX / 2);
    this.#blocks.splice(this.#indexUpTo(block.firstKey) + 1, 0, block);
  }

  /** These and those that hang on them, as far as their runs are known. */
  withBehind(keys: readonly number[]): readonly number[] {
    const wanted = new Set(keys);
    for (const key of keys) {
      for (const behind of this.#behind(key)) wanted.add(behind);
    }
    return [...wanted];
  }

  #behind(key: number): readonly number[] {
    const block = this.#blocks[this.#indexUpTo(key)];
    const isInBlock = block?.graph.upstream[key - block.firstKey] !== undefined;
    return isInBlock ? keysBehind(block, key) : this.#joins;
  }

  /** The last block that begins at this key or before it; -1 when there is none. */
  #indexUpTo(key: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blocks[middle]?.firstKey ?? 0) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * The direct dependants of a task run and those it is a gate of: they are nearly always needed with it. Where something
 * is mapped, keys do not say which task they are of.
 */
function keysBehind({ firstKey, graph }: RunBlock, key: number): readonly number[] {
  if (graph.levels.isMapped) return [];
  const index = key - firstKey;
  return [...(graph.dependants[index] ?? []), ...(graph.gated[index] ?? [])].map((behind) => firstKey + behind);
}

/** Task runs outside of every map that wait for items; none when they are many, since few of those are ever needed. */
function joinsOf({ firstKey, graph }: RunBlock): readonly number[] {
  const joins = new Set<number>();
  for (const [index, dependants] of graph.dependants.entries()) {
    if (graph.levels.depth(index) === 0) continue;
    for (const behind of dependants) if (graph.levels.depth(behind) === 0) joins.add(firstKey + behind);
    if (joins.size > JOINS_MAX) return [];
  }
  return [...joins];
}

const JOINS_MAX = 16;
const BLOCKS_MAX = 1_000;
