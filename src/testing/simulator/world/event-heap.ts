/** Something that will happen in the world. */
export interface WorldEvent {
  /** Virtual milliseconds since the world began. */
  readonly at: number;
  /** Drawn by lot: which of two events of the same moment comes first. */
  readonly tie: number;
  /** Counts up: nothing is left undecided. */
  readonly order: number;
  readonly happen: () => void;
  live: boolean;
}

/** Gives events in the order in which they happen. */
export class EventHeap {
  readonly #events: WorldEvent[] = [];

  push(event: WorldEvent): void {
    const events = this.#events;
    let hole = events.length;
    events.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = events[parent];
      if (above === undefined || !isBefore(event, above)) break;
      events[hole] = above;
      hole = parent;
    }
    events[hole] = event;
  }

  pop(): WorldEvent | undefined {
    const events = this.#events;
    const [first] = events;
    const last = events.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#sink(last);
    return first;
  }

  #sink(event: WorldEvent): void {
    const events = this.#events;
    let hole = 0;
    for (;;) {
      const child = this.#smallerChild(hole);
      const below = events[child];
      if (below === undefined || !isBefore(below, event)) break;
      events[hole] = below;
      hole = child;
    }
    events[hole] = event;
  }

  #smallerChild(parent: number): number {
    const left = this.#events[2 * parent + 1];
    const right = this.#events[2 * parent + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * parent + 2 : 2 * parent + 1;
  }
}

function isBefore(one: WorldEvent, other: WorldEvent): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.tie !== other.tie ? one.tie < other.tie : one.order < other.order;
}
