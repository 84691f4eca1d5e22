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
  /** What failed first: all that comes after it in the transaction fails as well, and says nothing of the cause. */
  #failure: { readonly error: unknown } | undefined;
  /** The socket holds back what is written, until it is uncorked. */
  #isCorked = false;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all<Row>(statement: Statement, ...values: readonly unknown[]): Promise<readonly Row[]> {
    this.#cork();
    const result = this.#client.query({ ...statement, values: [...values] });
    this.#noteFailure(result);
    await this.settled();
    try {
      return (await result).rows as Row[];
    } catch (error) {
      // Of two reads asked for in one breath only one has waited for the writes before them.
      throw this.#failure?.error ?? error;
    }
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
    this.#noteFailure(sent);
    this.#sent.push(sent);
  }

  /** It is told by `settled` or by a read; until then it must not count as unhandled. */
  #noteFailure(sent: Promise<unknown>): void {
    sent.catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }
}
