import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import type { Project } from "../../execution/project/find-project.ts";
import { withoutPassword } from "../../store/postgres/failure.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { problemOf } from "../envelope.ts";
import { checkDatabase, checkSessions } from "../health/database.ts";
import type { Finding } from "../health/finding.ts";
import { checkDiskSpace, checkWriting } from "../health/folder.ts";
import { checkDuckdb, checkGit, checkNode, checkPython } from "../health/machine.ts";
import { stateFolder } from "../state-folder.ts";
import { counted } from "../terminal/counted.ts";
import { padEnd } from "../terminal/text-width.ts";
import { compile, databaseUrl, projectOf, withWorkspace } from "../workspace.ts";

export const doctor: Verb = {
  declare(command) {
    command
      .description("Examine this machine, the project and its database, and say how to mend what is wrong.")
      .addHelpText("after", "\nExamples:\n  batuta doctor\n  batuta doctor --json");
  },
  async perform(cli) {
    return answer(cli, await findings(cli));
  },
};

async function findings(cli: Cli): Promise<readonly Finding[]> {
  const machine = [checkNode(), await checkGit(cli.clock)];
  const found = attempt(() => projectOf(cli));
  if (found.problem !== undefined) return [...machine, failed("project", found.problem)];
  const project = found.value;
  const disk = [checkDiskSpace(project.dir), checkWriting(cli.clock, stateFolder(project))];
  const { finding, pipelines } = await checkPipelines(cli, project);
  const kinds = new Set(pipelines.flatMap(({ tasks }) => tasks.map(({ kind }) => kind)));
  const duckdb = Object.values(project.settings.connections).some((url) => url.startsWith("duckdb:"));
  return [
    ...machine,
    ...disk,
    finding,
    ...(await checkStore(cli, project)),
    await checkPython(cli.clock, kinds.has("python")),
    checkDuckdb(duckdb),
  ];
}

interface PipelinesFinding {
  readonly finding: Finding;
  readonly pipelines: readonly PipelineSpec[];
}

async function checkPipelines(cli: Cli, project: Project): Promise<PipelinesFinding> {
  try {
    const { manifest, problems } = await compile(cli, project);
    const errors = problems.filter(({ severity }) => severity === "error").length;
    const message = `${project.dir} has ${counted(manifest.pipelines.length, "pipeline")}`;
    const finding: Finding =
      errors === 0
        ? { about: "project", level: "ok", message }
        : {
            about: "project",
            level: "fail",
            message: `${message} and ${counted(errors, "error")}`,
            remedy: "See batuta check.",
          };
    return { finding, pipelines: manifest.pipelines };
  } catch (error) {
    return { finding: failed("project", problemOf(error, cli.env)), pipelines: [] };
  }
}

async function checkStore(cli: Cli, project: Project): Promise<readonly Finding[]> {
  const url = databaseUrl(cli);
  const where = url === undefined ? stateFolder(project).database : withoutPassword(url);
  try {
    return await withWorkspace(cli, project, async ({ store }) => [
      await checkDatabase(cli.clock, store, where),
      ...(await checkSessions(cli.clock, store)),
    ]);
  } catch (error) {
    return [failed("database", problemOf(error, cli.env))];
  }
}

type Attempted<T> = { readonly value: T; readonly problem?: undefined } | { readonly problem: BatutaError };

function attempt<T>(act: () => T): Attempted<T> {
  try {
    return { value: act() };
  } catch (error) {
    return { problem: problemOf(error, {}) };
  }
}

function failed(about: string, { message, hint }: BatutaError): Finding {
  return { about, level: "fail", message, ...(hint === undefined ? {} : { remedy: hint }) };
}

function answer({ out }: Cli, all: readonly Finding[]): Answer {
  const failures = all.filter(({ level }) => level === "fail");
  const text = (): string => all.map((finding) => line(finding, out)).join("\n");
  if (failures.length === 0) return { data: all, text };
  const failure = new BatutaError("unhealthy", `${counted(failures.length, "check")} failed.`, {
    hint: failures.flatMap(({ remedy }) => remedy ?? []).join("\n"),
  });
  return { data: all, text, failure };
}

function line({ about, level, message, remedy }: Finding, { colors }: Cli["out"]): string {
  const mark = { ok: colors.green("ok  "), warn: colors.yellow("warn"), fail: colors.red("fail") }[level];
  const mend = remedy === undefined ? "" : `\n${" ".repeat(16)}${remedy.replaceAll("\n", `\n${" ".repeat(16)}`)}`;
  return `${mark}  ${padEnd(about, 9)} ${message}${level === "ok" ? "" : mend}`;
}
