import type { Client } from "pg";

/** Seldom and long: meanwhile others get through several transactions. */
const DAWDLE_CHANCE = 0.07;
const DAWDLE_MS_MAX = 30;

/**
 * Lets the server pause now and then between two statements of a transaction: what only meets when the machine is busy
 * meets at every turn.
 */
export async function dawdle(client: Client): Promise<void> {
  await client.query(MAKE_FUNCTION);
  for (const table of TABLES) {
    await client.query(`
      create trigger dawdle after insert or update or delete on ${table}
      for each statement execute function dawdle()`);
  }
}

const TABLES = ["event", "ready", "lease"];

const MAKE_FUNCTION = `
  create function dawdle() returns trigger language plpgsql as $$
  begin
    if random() < ${DAWDLE_CHANCE} then perform pg_sleep(random() * ${DAWDLE_MS_MAX / 1_000}); end if;
    return null;
  end $$`;
