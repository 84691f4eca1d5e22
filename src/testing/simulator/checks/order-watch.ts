import type { Commit } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";
import { readTurns, type Turn, type Turns } from "./waiting-turns.ts";

export interface OrderWatchParts extends Pick<LimitWatchParts, "db" | "shares" | "findings" | "probes"> {
  readonly queuesOf: (session: string) => readonly string[];
  /** Whether no limit and no rate keeps it from starting, after the commit: then none did before, in that commit. */
  readonly hasRoomFor: (turn: Turn, at: number) => boolean;
}

/**
 * Who starts first (CC-2). A task run is open in a commit when it was ready before and after it, whoever claims serves
 * its queue, its pipeline is not paused, no limit holds it, and no task that needs several slots of a pool of it, of the
 * same priority or a higher one, is there to have them kept. Of those that are open:
 *
 * - I28: nothing of lower priority starts in that commit.
 * - CC-2, age: nothing starts of its own lane that became ready later.
 * - I27, in one commit: of its priority no other pipeline starts two more than its own.
 * - I27, from commit to commit: while nothing of its pipeline and priority starts or becomes ready, no lane of another
 *   pipeline of that priority starts in two commits of those who serve the same queues. So as many overtake it as there
 *   are lanes.
 */
export class OrderWatch {
  readonly #parts: OrderWatchParts;
  /** Lanes that have overtaken it, by what waits and for whom. */
  readonly #overtaken = new Map<string, Set<number>>();

  constructor(parts: OrderWatchParts) {
    this.#parts = parts;
  }

  look(commit: Commit): void {
    this.#begin(commit);
    const turns = liveOnly(readTurns(this.#parts.db, commit));
    if (turns === undefined) return;
    const queues = this.#parts.queuesOf(turns.session);
    const open = turns.waiting.filter((turn) => this.#isOpen(turn, turns, queues));
    for (const turn of open) {
      this.#parts.probes.reached("waits though it may start");
      this.#judgePriority(turn, turns);
      this.#judgeAge(turn, turns);
      this.#judgeShare(turn, turns);
    }
    this.#judgeTurns(open, turns, queues);
  }

  #isOpen(turn: Turn, { at, waiting, started }: Turns, queues: readonly string[]): boolean {
    return (
      queues.includes(turn.task.spec.queue) &&
      this.#parts.hasRoomFor(turn, at) &&
      ![...waiting, ...started].some((other) => this.#mayKeepFrom(turn, other))
    );
  }

  #mayKeepFrom(turn: Turn, other: Turn): boolean {
    if (other.priority < turn.priority || other.lane === turn.lane) return false;
    const wide = this.#parts.shares.of(other.fold, other.task).filter(({ slots }) => slots > 1);
    const own = new Set(this.#parts.shares.of(turn.fold, turn.task).map(({ scope }) => scope));
    return wide.some(({ scope }) => own.has(scope));
  }

  #judgePriority(turn: Turn, { started }: Turns): void {
    const lower = started.find(({ priority }) => priority < turn.priority);
    if (started.some(({ priority }) => priority > turn.priority)) this.#parts.probes.reached("a higher one goes first");
    this.#parts.findings.expect(
      lower === undefined,
      "I28",
      () => `${said(lower)} starts with priority ${lower?.priority}, while ${said(turn)} waits with ${turn.priority}`,
    );
  }

  #judgeAge(turn: Turn, { started }: Turns): void {
    const younger = started.find(
      ({ lane, readyAt, key }) =>
        lane === turn.lane && (readyAt > turn.readyAt || (readyAt === turn.readyAt && key > turn.key)),
    );
    this.#parts.findings.expect(
      younger === undefined,
      "CC-2",
      () => `${said(younger)} starts before ${said(turn)}, which waits longer in the same lane`,
    );
  }

  #judgeShare(turn: Turn, { started }: Turns): void {
    const alike = started.filter(({ priority }) => priority === turn.priority);
    const own = alike.filter(({ fold }) => fold.spec === turn.fold.spec).length;
    for (const [spec, others] of Map.groupBy(alike, ({ fold }) => fold.spec)) {
      this.#parts.findings.expect(
        others.length <= own + 1 || spec === turn.fold.spec,
        "I27",
        () => `${spec.name} starts ${others.length} at once while ${said(turn)} waits, of whose pipeline ${own} start`,
      );
    }
  }

  #judgeTurns(open: readonly Turn[], { started }: Turns, queues: readonly string[]): void {
    for (const { fold, priority } of started) this.#hadTurn(`${fold.spec.name}/${priority}/`);
    const still = new Map<string, Set<number>>();
    for (const turn of open) {
      const alike = started.filter(({ priority }) => priority === turn.priority);
      if (alike.some(({ fold }) => fold.spec === turn.fold.spec)) continue;
      const name = nameOf(turn, queues);
      const before = this.#overtaken.get(name) ?? new Set();
      const again = alike.find(({ lane }) => before.has(lane));
      this.#parts.findings.expect(
        again === undefined,
        "I27",
        () => `${said(again)} overtakes ${said(turn)}, as one of its lane has done before`,
      );
      if (alike.length > 0) this.#parts.probes.reached("overtaken by another pipeline");
      still.set(name, new Set([...before, ...alike.map(({ lane }) => lane)]));
    }
    // Those that are not open any more have had their turn.
    for (const name of [...this.#overtaken.keys()]) {
      if (name.endsWith(`/${queues.join()}`)) this.#overtaken.delete(name);
    }
    for (const [name, lanes] of still) this.#overtaken.set(name, lanes);
  }

  /** Of a pipeline, whoever has served it, also for other queues: it goes behind those who were served before. */
  #hadTurn(prefix: string): void {
    for (const name of [...this.#overtaken.keys()]) if (name.startsWith(prefix)) this.#overtaken.delete(name);
  }

  /** What becomes ready of its pipeline, or stops to be, changes its turn. */
  #begin({ taskMoves }: Commit): void {
    const touched = new Set(taskMoves.filter(({ event }) => event.to !== "running").map(({ fold }) => fold.spec.name));
    for (const name of [...this.#overtaken.keys()]) {
      if (touched.has(name.slice(0, name.indexOf("/")))) this.#overtaken.delete(name);
    }
  }
}

function nameOf({ fold, priority }: Pick<Turn, "fold" | "priority">, queues: readonly string[]): string {
  return `${fold.spec.name}/${priority}/${queues.join()}`;
}

function said(turn: Turn | undefined): string {
  return turn === undefined ? "nothing" : `${turn.fold.id} ${turn.task.spec.name}[${turn.task.mapKey}]`;
}

/** Backfills come after them, but for a share of the slots. */
function liveOnly(turns: Turns | undefined): Turns | undefined {
  if (turns === undefined) return undefined;
  const isLive = ({ fold }: Turn): boolean => fold.asked.backfill === null;
  return { ...turns, waiting: turns.waiting.filter(isLive), started: turns.started.filter(isLive) };
}
