import type { Cli } from "./cli.ts";

/** A command of Batuta as this person can type it: `npx` in front where they used it, and their own global options. */
export function commandText(cli: Pick<Cli, "env" | "globals">, rest: string): string {
  const { project, databaseUrl } = cli.globals;
  const program = cli.env.npm_command === "exec" ? "npx batuta" : "batuta";
  const options = [
    ...(project === undefined ? [] : [`--project ${shellWord(project)}`]),
    ...(databaseUrl === undefined ? [] : [`--database-url ${shellWord(databaseUrl)}`]),
  ];
  return [program, rest, ...options].join(" ");
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
