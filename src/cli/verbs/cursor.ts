import type { Json } from "../../core/json.ts";
import { BatutaError } from "../../core/problem.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { cursorText } from "../../core/source-cursor.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { type CursorReport, type CursorsOfPipeline, cursorReports } from "../cursor-reports.ts";
import { findByName } from "../name-reference.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { projectOf, type Workspace, withWorkspace } from "../workspace.ts";

interface CursorOptions {
  readonly set?: string;
  readonly dryRun?: boolean;
}

export const cursor: Verb = {
  declare(command) {
    command
      .description("Say how far the tasks of a pipeline have read their sources, or set it by hand.")
      .argument("<pipeline>", "its name or the beginning of it")
      .argument("[name]", "the cursor; needed where the pipeline has several and one is to be set")
      .option("--set <json>", "move it there: the next attempt reads on from this value")
      .option("--dry-run", "say what would happen, and do nothing")
      .addHelpText(
        "after",
        "\nAn attempt that runs while its cursor is set ends as it ends, and leaves the cursor where you have set it.\n\nExamples:\n  batuta cursor stream_orders\n  batuta cursor stream_orders orders --set 0\n  batuta cursor stream_orders orders --set '{\"lastId\":1200}'",
      );
  },
  async perform(cli, command) {
    const [reference = "", name] = command.args;
    const { set, dryRun = false } = command.opts<CursorOptions>();
    const value = set === undefined ? undefined : wantedValue(set);
    return withWorkspace(cli, projectOf(cli), async (workspace) => {
      const found = await cursorReports(cli, workspace, reference);
      if (value === undefined) return shown(cli, name === undefined ? found : only(found, name));
      const before = meant(found, name);
      cursorText(before.name, value);
      if (dryRun) return answer(found.pipeline, before, { ...before, value });
      await setCursor(cli, workspace, { pipeline: found.pipeline, name: before.name, value });
      const after = await cursorReports(cli, workspace, found.pipeline);
      return answer(found.pipeline, before, meant(after, before.name));
    });
  },
};

function wantedValue(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new BatutaError("usage", `--set ${text} is no JSON.`, {
      hint: "Write a text in double quotes, within single ones for the shell: --set '\"2024-01-31\"'.",
    });
  }
}

/** The one that is to be set. */
function meant({ pipeline, cursors }: CursorsOfPipeline, name: string | undefined): CursorReport {
  const [first, ...others] = cursors;
  if (first === undefined) {
    throw new BatutaError("not_found", `No task of ${pipeline} has a cursor.`, {
      hint: 'Give the task that reads the source one: task("read", { cursor: "orders" }, read).',
    });
  }
  if (name !== undefined) return named(cursors, name);
  if (others.length === 0) return first;
  throw new BatutaError("usage", `${pipeline} has several cursors.`, {
    hint: `Name the one to set: ${cursors.map((each) => each.name).join(", ")}.`,
  });
}

function only({ pipeline, cursors }: CursorsOfPipeline, name: string): CursorsOfPipeline {
  return { pipeline, cursors: [named(cursors, name)] };
}

function named(cursors: readonly CursorReport[], name: string): CursorReport {
  const names = cursors.map((each) => each.name);
  const found = cursors[findByName("cursor", name, names)];
  if (found === undefined) throw new Error(`Cursor ${name} was found and is not there.`);
  return found;
}

async function setCursor(
  cli: Cli,
  { store, project }: Workspace,
  change: { readonly pipeline: string; readonly name: string; readonly value: Json },
): Promise<void> {
  await store.setCursor({ project: project.name, ...change, actor: actorOf(cli) });
}

function answer(pipeline: string, before: CursorReport, after: CursorReport): Answer {
  return {
    data: { pipeline, ...after, before: before.value },
    text: () => `${before.name}: ${JSON.stringify(before.value)} -> ${JSON.stringify(after.value)}`,
  };
}

function shown(cli: Cli, { pipeline, cursors }: CursorsOfPipeline): Answer {
  if (cursors.length === 0) cli.note(`No task of ${pipeline} has a cursor.`);
  return {
    data: cursors.map((report) => ({ pipeline, ...report })),
    text: () => (cursors.length === 0 ? "" : renderTable(COLUMNS, cursors.map(row), cli.out)),
  };
}

const COLUMNS: readonly Column[] = [
  { title: "CURSOR" },
  { title: "VALUE", whenNarrow: "shrinks" },
  { title: "MOVED" },
  { title: "BY" },
];

function row({ name, value, movedAt, movedBy }: CursorReport): readonly string[] {
  const at = movedAt === null ? "never" : formatInstant(Date.parse(movedAt));
  return [name, JSON.stringify(value), at, movedBy ?? ""];
}
