import type { Clock } from "../ports/clock.ts";
import { hashedRandom, uuidv7 } from "../ports/random.ts";
import type { BackfillAdvance, NewSession, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/**
 * Decides the intervals of backfills one after the other, and keeps as many of their runs under way as they may have.
 * All it knows is in the rows: whoever takes it up after a crash goes on where the last transaction ended.
 */
export class Backfiller implements Duty {
  readonly name = "backfiller";
  readonly #store: Pick<Store, "advanceBackfills">;
  readonly #session: NewSession;
  readonly #clock: Clock;
  readonly #pollMs: number;
  #runs = 0;
  #isUsed = false;
  /** Hears what every look brought about. */
  onAdvanced: (advance: BackfillAdvance) => Promise<void> = async () => {};

  constructor(store: Pick<Store, "advanceBackfills">, session: NewSession, clock: Clock, pollMs: number) {
    this.#store = store;
    this.#session = session;
    this.#clock = clock;
    this.#pollMs = pollMs;
  }

  /** Who executes all runs of a project looks after all its backfills, who executes those of one after that one. */
  static isFor({ runs, backfill }: NewSession): boolean {
    return runs === null || backfill !== undefined;
  }

  /** There was an unfinished backfill at the last look: when a run ends, another may begin. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  async poll(): Promise<number> {
    const { project, backfill } = this.#session;
    const only = backfill === undefined ? {} : { only: backfill };
    const advance = await this.#store.advanceBackfills({ project, newRunId: () => this.#newRunId(), ...only });
    this.#isUsed = advance.open > 0;
    await this.onAdvanced(advance);
    return advance.isBusy ? 0 : this.#pollMs;
  }

  #newRunId(): string {
    this.#runs += 1;
    return uuidv7(this.#clock, hashedRandom(`${this.#session.id}\nbackfill\n${this.#runs}`));
  }
}
