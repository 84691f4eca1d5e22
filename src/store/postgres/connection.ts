import type { PoolClient } from "pg";

/** A statement. With a name, each connection prepares it once. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

/**
 * One connection, for the length of a transaction or a read. Statements run in the order in which they are sent;
 * writes are sent without being waited for, and the first that fails is told at the next wait.
 */
export class PostgresConnection {
  readonly #client: PoolClient;
  readonly #sent: Promise<unknown>[] = [];

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all<Row>(statement: Statement, ...values: readonly unknown[]): Promise<readonly Row[]> {
    const result = this.#client.query({ ...statement, values: [...values] });
    // An earlier write that failed makes this one fail too, with a message that says nothing: tell of the first.
    result.catch(() => {});
    await this.settled();
    return (await result).rows as Row[];
  }

  async get<Row>(statement: Statement, ...values: readonly unknown[]): Promise<Row | undefined> {
    const [row] = await this.all<Row>(statement, ...values);
    return row;
  }

  send(statement: Statement, ...values: readonly unknown[]): void {
    this.#keep(this.#client.query({ ...statement, values: [...values] }));
  }

  /** A command without parameters. */
  command(text: string): void {
    this.#keep(this.#client.query(text));
  }

  /** Waits for all that was sent; throws what failed first. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent.splice(0));
  }

  #keep(sent: Promise<unknown>): void {
    // Its failure is told by `settled`; until then it must not count as unhandled.
    sent.catch(() => {});
    this.#sent.push(sent);
  }
}
