import { createRequire } from "node:module";
import { type Clock, within } from "../../ports/clock.ts";
import { signalGroup, startProcess } from "../../ports/processes.ts";
import type { Finding } from "./finding.ts";

const NODE_MAJOR_MIN = 24;
/** A program that does not tell its version in this time has other troubles. */
const VERSION_MS_MAX = 5_000;

export function checkNode(): Finding {
  const { node } = process.versions;
  const message = `Node ${node} (${process.execPath})`;
  if (Number(node.split(".")[0]) >= NODE_MAJOR_MIN) return { about: "node", level: "ok", message };
  return {
    about: "node",
    level: "fail",
    message,
    remedy: `Install Node ${NODE_MAJOR_MIN} or newer from https://nodejs.org.`,
  };
}

export async function checkGit(clock: Clock): Promise<Finding> {
  const version = await versionOf(clock, ["git", "--version"]);
  if (version !== undefined) return { about: "git", level: "ok", message: version };
  return {
    about: "git",
    level: "warn",
    message: "git is not there",
    remedy: "Install git to keep the history of your pipelines.",
  };
}

/** `needed`: some task of the project is written in Python. */
export async function checkPython(clock: Clock, needed: boolean): Promise<Finding> {
  const version = await versionOf(clock, ["python3", "--version"]);
  if (version !== undefined) return { about: "python", level: "ok", message: version };
  const message = "python3 is not there";
  if (!needed) return { about: "python", level: "ok", message: `${message}; no task needs it` };
  return {
    about: "python",
    level: "fail",
    message: `${message}, but tasks need it`,
    remedy: "Install Python 3 and put it on PATH.",
  };
}

/** `needed`: some connection of the project is a DuckDB database. */
export function checkDuckdb(needed: boolean): Finding {
  const version = packageVersionOf("@duckdb/node-api");
  if (version !== undefined) return { about: "duckdb", level: "ok", message: `@duckdb/node-api ${version}` };
  const message = "@duckdb/node-api is not installed";
  if (!needed) return { about: "duckdb", level: "ok", message: `${message}; no connection needs it` };
  return {
    about: "duckdb",
    level: "fail",
    message: `${message}, but a connection needs it`,
    remedy: "npm install @duckdb/node-api",
  };
}

/** The first line that a program prints; undefined when it is not there or does not answer. */
async function versionOf(clock: Clock, argv: readonly [string, ...string[]]): Promise<string | undefined> {
  try {
    const child = await startProcess({ argv, cwd: "/", env: {} });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.stderr.resume();
    await within(clock, VERSION_MS_MAX, child.closed);
    signalGroup(child.pid, "SIGKILL");
    const line = text.split("\n", 1)[0]?.trim();
    return line === "" ? undefined : line;
  } catch {
    return undefined;
  }
}

function packageVersionOf(name: string): string | undefined {
  try {
    const manifest: { readonly version?: string } = createRequire(import.meta.url)(`${name}/package.json`);
    return manifest.version;
  } catch {
    return undefined;
  }
}
