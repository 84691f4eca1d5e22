import { clear } from "./clear.ts";
import { actOnDeadLetters } from "./dead-letters.ts";
import { mark } from "./mark.ts";
import { namedLetters } from "./named-letters.ts";
import type {
  Acting,
  ActionResult,
  AssignRequest,
  ClearRequest,
  DeadLetterFilter,
  DeadLetterRecord,
  DeadLetterRequest,
  MarkRequest,
  OperatorStore,
  ResolveRequest,
  RetryRequest,
  StopActionRequest,
} from "./operator-store.ts";
import { actOrRehearse } from "./rehearse.ts";
import { settleChildren } from "./settle-children.ts";
import { stop } from "./stop.ts";
import { StoredFacts } from "./stored-facts.ts";
import type { Transaction } from "./transaction.ts";

/** What people do by hand: each is one transaction, carried out or rehearsed. */
export abstract class StoredActions extends StoredFacts implements OperatorStore {
  clear(request: ClearRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => clear(tx, this.pipelines, request));
  }

  retry({ which, ...request }: RetryRequest): Promise<ActionResult> {
    const action = which === "all" ? "retry" : "retry_failed";
    return this.#act(request, (tx) => clear(tx, this.pipelines, { ...request, tasks: [] }, action));
  }

  mark(request: MarkRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => mark(tx, this.pipelines, request));
  }

  stop(request: StopActionRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => stop(tx, this.pipelines, request));
  }

  deadLetters(filter: DeadLetterFilter): Promise<readonly DeadLetterRecord[]> {
    return this.database.read(async (rows) => namedLetters(rows, this.pipelines, await rows.deadLetters(filter)));
  }

  deadLetter(project: string, id: number): Promise<DeadLetterRecord | undefined> {
    return this.database.read(async (rows) => {
      const [letter] = await namedLetters(rows, this.pipelines, await rows.deadLettersById(project, [id]));
      return letter;
    });
  }

  replayDeadLetters(request: DeadLetterRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.pipelines, request, { kind: "replay" }));
  }

  resolveDeadLetters(request: ResolveRequest): Promise<ActionResult> {
    const { note } = request;
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.pipelines, request, { kind: "resolve", note }));
  }

  assignDeadLetters(request: AssignRequest): Promise<ActionResult> {
    const { to } = request;
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.pipelines, request, { kind: "assign", to }));
  }

  async #act(how: Acting, work: (tx: Transaction) => Promise<ActionResult>): Promise<ActionResult> {
    const result = await actOrRehearse(this.database, how, work);
    // What waited for runs of other pipelines may wait no more, and those runs for others.
    if (how.dryRun !== true) while ((await settleChildren(this.database, this.pipelines)).settled > 0);
    return result;
  }
}
