import type { Cli } from "./cli.ts";

/** Who gives the command, as the audit of an operator's action names them. */
export function actorOf({ env }: Pick<Cli, "env">): string {
  return `cli:${env.USER || env.LOGNAME || "unknown"}`;
}
