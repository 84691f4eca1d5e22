import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * What a script of this folder prints, from JSON. Each measure has a process of its own, so that one's memory and
 * warmth are not another's.
 */
export function inChildProcess<Figures>(script: string, args: readonly (string | undefined)[]): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const given = args.filter((arg) => arg !== undefined);
    const child = spawn(process.execPath, [file, ...given], { stdio: ["ignore", "pipe", "inherit"] });
    let answer = "";
    child.stdout.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(answer));
      else reject(new Error(`${[script, ...given].join(" ")} ended with exit code ${code}.`));
    });
  });
}
