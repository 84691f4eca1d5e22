import type { PoolClient } from "pg";

/** A statement. With a name, each connection prepares it once. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

/**
 * One connection, for the length of a transaction or a read. Statements run in the order in which they are given.
 * Writes are not waited for: they travel in one packet with the next read, and the first that fails is told there.
 */
export class PostgresConnection {
  readonly #client: PoolClient;
  readonly #sent: Promise<unknown>[] = [];
  /** The socket holds back what is written, until it is uncorked. */
  #isCorked = false;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all<Row>(statement: Statement, ...values: readonly unknown[]): Promise<readonly Row[]> {
    this.#cork();
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
    this.#cork();
    this.#keep(this.#client.query({ ...statement, values: [...values] }));
  }

  /** A command without parameters. */
  command(text: string): void {
    this.#cork();
    this.#keep(this.#client.query(text));
  }

  /** Waits for all that was sent; throws what failed first. */
  async settled(): Promise<void> {
    // Reads that are asked for in the same breath share the packet: each packet costs a system call on both sides.
    await Promise.resolve();
    this.flush();
    await Promise.all(this.#sent.splice(0));
  }

  /** Lets go what is held back. */
  flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#client.connection.stream.uncork();
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#client.connection.stream.cork();
  }

  #keep(sent: Promise<unknown>): void {
    // Its failure is told by `settled`; until then it must not count as unhandled.
    sent.catch(() => {});
    this.#sent.push(sent);
  }
}
