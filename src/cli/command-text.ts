import { delimiter, join } from "node:path";
import { localFiles } from "../ports/files.ts";
import type { Cli } from "./cli.ts";

/** A command of Batuta as this person can type it, with their own global options. */
export function commandText(cli: Pick<Cli, "env" | "globals">, rest: string): string {
  const { project, databaseUrl } = cli.globals;
  const options = [
    ...(project === undefined ? [] : [`--project ${shellWord(project)}`]),
    ...(databaseUrl === undefined ? [] : [`--database-url ${shellWord(databaseUrl)}`]),
  ];
  return [programText(cli.env), rest, ...options].join(" ");
}

/** Under npm the PATH holds what the person's own shell does not have. */
function programText({ npm_command: npm, PATH = "" }: Cli["env"]): string {
  const isOnPath = npm === undefined && PATH.split(delimiter).some((dir) => localFiles.exists(join(dir, "batuta")));
  return isOnPath ? "batuta" : "npx batuta";
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
