import { BatutaError } from "../../core/problem.ts";
import type { ActionDone, ActionResult, DeadLetterFilter } from "../../store/operator-store.ts";
import { actionAnswer, noteIdleRuns } from "../action-answer.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { deadLetterReport, fullDeadLetterReport } from "../dead-letter-report.ts";
import { didYouMean } from "../did-you-mean.ts";
import { wholeNumber } from "../option-values.ts";
import { deadLetterTable, deadLetterText } from "../terminal/dead-letter-text.ts";
import { projectOf, type Workspace, withWorkspace } from "../workspace.ts";

const ACTIONS = ["list", "show", "replay", "resolve", "assign"] as const;
type Action = (typeof ACTIONS)[number];

/** Letters that one transaction closes; of more, all or none holds for each such part. */
const PART = 500;

interface DeadLetterOptions {
  readonly pipeline?: string;
  readonly all?: boolean;
  readonly open?: boolean;
  readonly assignedTo?: string;
  readonly limit: string;
  readonly before?: string;
  readonly note?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
}

export const deadLetters: Verb = {
  declare(command) {
    command
      .description("The inbox of tasks whose retries are used up: list, show, replay, resolve or assign them.")
      .argument("[action]", `${ACTIONS.join(", ")}; absent = list`)
      .argument("[ids...]", "numbers of dead letters")
      .option("--pipeline <name>", "only those of this pipeline")
      .option("--open", "list: those that are open (the default)")
      .option("--all", "list: closed ones too; replay: every open one")
      .option("--assigned-to <name>", "only those of this person")
      .option("--limit <count>", "list: at most so many", "50")
      .option("--before <id>", "list: only older ones, for the next page")
      .option("--note <text>", "resolve: what came of it")
      .option("--to <name>", 'assign: who takes it on; "" takes it back')
      .option("--dry-run", "say what would be touched, and do nothing")
      .addHelpText(
        "after",
        '\nReplaying runs the task again, and what it had blocked. Resolving closes it as it is.\n\nExamples:\n  batuta dead-letters\n  batuta dead-letters show 17\n  batuta dead-letters replay 17 18 --dry-run\n  batuta dead-letters replay --all --pipeline daily_sales\n  batuta dead-letters resolve 17 --note "the source was empty"\n  batuta dead-letters assign 17 --to anna',
      );
  },
  async perform(cli, command) {
    const [word = "list", ...words] = command.args;
    const action = actionOf(word);
    const options = command.opts<DeadLetterOptions>();
    const ids = words.map((text) => wholeNumber("The number of a dead letter", text, { min: 1, max: 2 ** 52 }));
    return withWorkspace(cli, projectOf(cli), async (workspace) => {
      if (action === "list") return list(cli, workspace, options);
      if (action === "show") return show(cli, workspace, ids);
      return act(cli, workspace, { action, ids, options });
    });
  },
};

function actionOf(word: string): Action {
  const action = ACTIONS.find((known) => known === word);
  if (action !== undefined) return action;
  throw new BatutaError("usage", `"${word}" is nothing to do with dead letters.`, {
    hint: `${didYouMean(word, ACTIONS)}It is one of: ${ACTIONS.join(", ")}.`,
  });
}

async function list(cli: Cli, { store, project }: Workspace, options: DeadLetterOptions): Promise<Answer> {
  const { before, all } = options;
  const limit = wholeNumber("--limit", options.limit, { min: 1, max: 10_000 });
  const older = before === undefined ? {} : { before: wholeNumber("--before", before, { min: 1, max: 2 ** 52 }) };
  const filter = { ...filterOf(project.name, options), ...older, ...(all === true ? {} : { state: "open" as const }) };
  const letters = (await store.deadLetters({ ...filter, limit })).map(deadLetterReport);
  const last = letters.at(-1);
  if (letters.length === 0) cli.note(all === true ? "There are no dead letters." : "No dead letter is open.");
  else if (letters.length === limit && last !== undefined) {
    cli.note(`The next page: ${commandText(cli, `dead-letters list --before ${last.id}`)}`);
  }
  return { data: letters, text: () => (letters.length === 0 ? "" : deadLetterTable(letters, cli.out)) };
}

function filterOf(project: string, { pipeline, assignedTo }: DeadLetterOptions): Omit<DeadLetterFilter, "limit"> {
  return {
    project,
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(assignedTo === undefined ? {} : { assignedTo }),
  };
}

async function show(cli: Cli, workspace: Workspace, ids: readonly number[]): Promise<Answer> {
  const [id, ...others] = ids;
  if (id === undefined || others.length > 0) {
    throw new BatutaError("usage", "One dead letter is shown at a time.", {
      hint: "Write batuta dead-letters show ID.",
    });
  }
  const letter = await workspace.store.deadLetter(workspace.project.name, id);
  if (letter === undefined) throw new BatutaError("not_found", `There is no dead letter ${id}.`, { hint: LIST_HINT });
  const report = await fullDeadLetterReport(cli, workspace, letter);
  return { data: report, text: () => deadLetterText(report, cli.out) };
}

interface Asked {
  readonly action: Exclude<Action, "list" | "show">;
  readonly ids: readonly number[];
  readonly options: DeadLetterOptions;
}

async function act(cli: Cli, workspace: Workspace, asked: Asked): Promise<Answer> {
  const { action, options } = asked;
  const { dryRun = false } = options;
  const ids = await idsOf(workspace, asked);
  const done: ActionDone[] = [];
  for (let from = 0; from < ids.length; from += PART) {
    const result = await perform(cli, workspace, { ...asked, ids: ids.slice(from, from + PART) });
    if (result.kind !== "done") return actionAnswer(cli, result, { participle: PARTICIPLES[action], dryRun });
    done.push(result);
  }
  const whole: ActionDone = {
    kind: "done",
    runs: done.flatMap(({ runs }) => runs),
    taskRuns: done.flatMap(({ taskRuns }) => taskRuns),
    deadLetters: done.flatMap(({ deadLetters }) => deadLetters),
  };
  if (!dryRun)
    await noteIdleRuns(
      cli,
      workspace.store,
      whole.taskRuns.map(({ runId }) => runId),
    );
  return actionAnswer(cli, whole, { participle: PARTICIPLES[action], dryRun });
}

const PARTICIPLES: Readonly<Record<Asked["action"], string>> = {
  replay: "replayed",
  resolve: "resolved",
  assign: "assigned",
};

/** Those that were named, or with `--all` every open one. */
async function idsOf({ store, project }: Workspace, { action, ids, options }: Asked): Promise<readonly number[]> {
  if (options.all !== true) {
    if (ids.length > 0) return ids;
    throw new BatutaError("usage", `Name the dead letters to ${action}.`, { hint: LIST_HINT });
  }
  if (action !== "replay" || ids.length > 0) {
    throw new BatutaError("usage", "--all replays every open letter, and goes with no ids.", { hint: LIST_HINT });
  }
  const found: number[] = [];
  const filter = { ...filterOf(project.name, options), state: "open" as const, limit: PART };
  for (;;) {
    const last = found.at(-1);
    const page = await store.deadLetters({ ...filter, ...(last === undefined ? {} : { before: last }) });
    found.push(...page.map(({ id }) => id));
    if (page.length < PART) break;
  }
  if (found.length === 0) throw new BatutaError("conflict", "No dead letter is open.", { hint: LIST_HINT });
  return found;
}

function perform(cli: Cli, { store, project }: Workspace, { action, ids, options }: Asked): Promise<ActionResult> {
  const { dryRun = false, note, to } = options;
  const request = { project: project.name, ids, actor: actorOf(cli), dryRun };
  switch (action) {
    case "replay":
      return store.replayDeadLetters(request);
    case "resolve":
      return store.resolveDeadLetters({ ...request, note: given("--note", note) });
    case "assign":
      return store.assignDeadLetters({ ...request, to: to === "" ? null : given("--to", to) });
  }
}

function given(option: string, value: string | undefined): string {
  if (value !== undefined && value.trim() !== "") return value;
  throw new BatutaError("usage", `${option} is missing.`, { hint: "See batuta dead-letters --help." });
}

const LIST_HINT = "batuta dead-letters lists them.";
