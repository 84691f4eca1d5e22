import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, timed } from "./timing.ts";

const BATUTA = fileURLToPath(new URL("../../bin/batuta.js", import.meta.url));

export interface Command {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Median milliseconds from start to exit of `batuta …`, as a user waits for it. Throws when it fails. */
export async function commandMs(command: Command, times: number): Promise<number> {
  await runCommand(command);
  const measured: number[] = [];
  for (let round = 0; round < times; round++) measured.push(await timed(() => runCommand(command)));
  return median(measured);
}

/** Runs `batuta …` to its end; gives what it wrote to stderr. */
export function runCommand({ args, cwd, env = {} }: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BATUTA, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(errors) : reject(new Error(`batuta ${args.join(" ")}: ${errors}`)),
    );
  });
}
