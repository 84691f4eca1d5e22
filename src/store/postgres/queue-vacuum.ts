import type { Pool } from "pg";

/**
 * Rows of `ready` and `lease` live for seconds, and the dead ones stand where every claim looks first: after some
 * 10,000 of them claims take twice as long. Autovacuum comes once a minute at best, so the process that claims clears
 * up behind itself, in the background, in some 20 ms.
 */
export class QueueVacuum {
  readonly #pool: Pool;
  #claimed = 0;
  #running: Promise<void> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Task runs that a transaction has claimed, after its commit. */
  note(claimed: number): void {
    this.#claimed += claimed;
    if (this.#claimed < CLAIMS_BETWEEN || this.#running !== undefined) return;
    this.#claimed = 0;
    this.#running = this.#vacuum();
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  /** Whatever goes wrong here, autovacuum does it later. */
  async #vacuum(): Promise<void> {
    try {
      await this.#pool.query(VACUUM);
    } catch {
      // The next 5,000 claims try again.
    } finally {
      this.#running = undefined;
    }
  }
}

const CLAIMS_BETWEEN = 5_000;

/** Waits for nobody, and keeps the file's length, for which it would have to lock the table. */
const VACUUM = "vacuum (skip_locked, truncate off, index_cleanup on) ready, lease, lease_scope";
