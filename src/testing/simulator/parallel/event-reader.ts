import type { Store } from "../../../store/store.ts";
import type { Findings } from "../findings.ts";

/** Small, so that much is written between two pages. */
const PAGE = 7;

/** Reads the events while others write them, as a server does that shows them to people. */
export class EventReader {
  readonly #store: Pick<Store, "events">;
  readonly #seen: string[] = [];

  constructor(store: Pick<Store, "events">) {
    this.#store = store;
  }

  /** Answers whether there was anything new. */
  async step(): Promise<boolean> {
    const after = this.#seen.at(-1);
    const { events } = await this.#store.events({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    this.#seen.push(...events.map(({ cursor }) => cursor));
    return events.length > 0;
  }

  /** I08: all that was written, once, in the order in which anybody reads it later. */
  async compare(cursors: readonly string[], findings: Findings): Promise<void> {
    while (await this.step());
    const place = cursors.findIndex((cursor, index) => this.#seen[index] !== cursor);
    findings.expect(
      place === -1 && this.#seen.length === cursors.length,
      "I08",
      () =>
        `a reader that followed the events has ${this.#seen.length} of ${cursors.length}, and not the one in place ${place}: ${cursors[place]}`,
    );
  }
}
