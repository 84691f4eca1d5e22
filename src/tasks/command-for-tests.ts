import { spawn } from "node:child_process";
import type { CommandSpec } from "../core/manifest.ts";
import { parseTemplate, renderTemplate } from "../core/template.ts";
import { templateScope } from "../core/template-scope.ts";
import type { TaskKind } from "../sdk/task-kind.ts";

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command that a kind has become. */
export function commandOf(kind: TaskKind): CommandSpec {
  if (kind.work.via !== "process") throw new Error(`${kind.kind} is no process.`);
  return kind.work.command;
}

/** Runs a kind's command for the run of 2024-01-02 as the executor does: templates rendered, no shell in between. */
export async function runCommand(
  kind: TaskKind,
  { params = {}, cwd = process.cwd() }: { readonly params?: Record<string, string>; readonly cwd?: string } = {},
): Promise<CommandResult> {
  const { argv, env } = commandOf(kind);
  const scope = templateScope({
    interval: { start: Date.UTC(2024, 0, 2), end: Date.UTC(2024, 0, 3) },
    timezone: "UTC",
    ds: "2024-01-02",
    params,
    run: { id: "01", pipeline: "sales", trigger: "manual" },
    task: "load",
    attempt: 1,
  });
  const render = (text: string): string => renderTemplate(parseTemplate(text), scope);
  const [program = "", ...args] = argv.map(render);
  const rendered = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, render(text)]));
  const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH, ...rendered } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (part) => {
    stdout += String(part);
  });
  child.stderr.on("data", (part) => {
    stderr += String(part);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { exitCode, stdout, stderr };
}
