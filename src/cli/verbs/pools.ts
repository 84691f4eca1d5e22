import { type Instant, iso } from "../../core/instant.ts";
import { BatutaError } from "../../core/problem.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { didYouMean } from "../did-you-mean.ts";
import { wholeNumber } from "../option-values.ts";
import { type PoolReport, poolReports } from "../pool-reports.ts";
import { counted } from "../terminal/counted.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { projectOf, type Workspace, withWorkspace } from "../workspace.ts";

const SLOTS_MAX = 1_000_000;

export const pools: Verb = {
  declare(command) {
    command
      .description("List pools and limits of tags with what is in use, or set one by hand.")
      .argument("[action]", '"set" or "reset"; absent = list them')
      .argument("[name]", "a pool, or tag:NAME")
      .argument("[slots]", "with set: how many; 0 closes it")
      .option("--dry-run", "say what would happen, and do nothing")
      .addHelpText(
        "after",
        "\nWhat runs goes on; a limit applies to what starts after it.\n\nExamples:\n  batuta pools\n  batuta pools set warehouse 2\n  batuta pools set tag:heavy 0\n  batuta pools reset warehouse",
      );
  },
  async perform(cli, command) {
    const [action, name, slots] = command.args;
    const { dryRun = false } = command.opts<{ readonly dryRun?: boolean }>();
    const wanted = wantedLimit(action, name, slots);
    return withWorkspace(cli, projectOf(cli), async (workspace) => {
      const reports = await poolReports(workspace);
      if (wanted === undefined) return list(cli, reports);
      const before = found(reports, wanted.name);
      if (dryRun) return changed(before, { ...before, ...limitAfter(before, wanted.slots) });
      await setLimit(cli, workspace, before, wanted.slots);
      return changed(before, found(await poolReports(workspace), wanted.name));
    });
  },
};

interface WantedLimit {
  readonly name: string;
  /** null = what the project says. */
  readonly slots: number | null;
}

/** What is to be changed; undefined = nothing, list them. */
function wantedLimit(action?: string, name?: string, slots?: string): WantedLimit | undefined {
  if (action === undefined) return undefined;
  if (action === "reset" && name !== undefined && slots === undefined) return { name, slots: null };
  if (action === "set" && name !== undefined && slots !== undefined) {
    return { name, slots: wholeNumber("The number of slots", slots, { min: 0, max: SLOTS_MAX }) };
  }
  throw new BatutaError("usage", `"${[action, name, slots].filter(Boolean).join(" ")}" is nothing to do with pools.`, {
    hint: "Write `batuta pools`, `batuta pools set NAME SLOTS` or `batuta pools reset NAME`.",
  });
}

function found(reports: readonly PoolReport[], name: string): PoolReport {
  const report = reports.find((each) => each.name === name);
  if (report !== undefined) return report;
  const names = reports.map((each) => each.name);
  const known =
    names.length === 0 ? 'Name pools in batuta.json: "pools": { "warehouse": 4 }.' : `There are: ${names.join(", ")}.`;
  throw new BatutaError("not_found", `There is no pool "${name}".`, { hint: `${didYouMean(name, names)}${known}` });
}

async function setLimit(
  cli: Cli,
  { store, project }: Workspace,
  pool: PoolReport,
  slots: number | null,
): Promise<void> {
  const { scope, declared, countDeferred } = pool;
  const change = { project: project.name, name: scope, slots, actor: actorOf(cli) };
  const said = { name: scope, slots: declared ?? 0, ...(countDeferred === undefined ? {} : { countDeferred }) };
  await store.setScopeLimit(declared === null ? change : { ...change, declared: said });
}

function limitAfter({ declared }: PoolReport, slots: number | null): Pick<PoolReport, "slots" | "override"> {
  return { slots: slots ?? declared, override: slots };
}

function changed(before: PoolReport, after: PoolReport): Answer {
  return {
    data: dataOf(after),
    text: () => `${after.name}: ${slotsText(before.slots)} -> ${slotsText(after.slots)}, ${after.used} in use.`,
  };
}

function list(cli: Cli, reports: readonly PoolReport[]): Answer {
  if (reports.length === 0) cli.note('There are no pools. Name them in batuta.json: "pools": { "warehouse": 4 }.');
  return {
    data: reports.map(dataOf),
    text: () => (reports.length === 0 ? "" : renderTable(COLUMNS, reports.map(row), cli.out)),
  };
}

function dataOf({ hoursOpenAt, ...report }: PoolReport): object {
  return { ...report, ...(hoursOpenAt === undefined ? {} : { hoursOpenAt: iso(hoursOpenAt) }) };
}

const COLUMNS: readonly Column[] = [
  { title: "POOL" },
  { title: "SLOTS", align: "right" },
  { title: "USED", align: "right" },
  { title: "WAITING", align: "right" },
  { title: "NOTE", whenNarrow: "shrinks" },
];

function row({
  name,
  slots,
  used,
  waiting,
  declared,
  override,
  countDeferred,
  runOnlyBetween,
  waitingForHours = 0,
  hoursOpenAt,
}: PoolReport): readonly string[] {
  const parts = [
    slots === 0 ? "closed" : "",
    runOnlyBetween === undefined ? "" : `starts only ${runOnlyBetween}`,
    waitingForHours === 0 ? "" : hoursText(waitingForHours, hoursOpenAt),
    countDeferred === true ? "counts what is deferred" : "",
    override === null ? "" : `set by hand; the project says ${slotsText(declared)}`,
  ];
  return [name, slotsText(slots), String(used), String(waiting), parts.filter((part) => part !== "").join(", ")];
}

function hoursText(waiting: number, opensAt: Instant | undefined): string {
  const when = opensAt === undefined ? "" : `, which come at ${formatInstant(opensAt)}`;
  return `${counted(waiting, "more task")} ${waiting === 1 ? "waits" : "wait"} for the hours of runOnlyBetween${when}`;
}

function slotsText(slots: number | null): string {
  return slots === null ? "no limit" : String(slots);
}
