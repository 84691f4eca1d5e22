import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeFolder } from "../cli-for-tests.ts";

const PACKAGE = fileURLToPath(new URL("../../../", import.meta.url));

/** One line of the effects file, written by a task itself. */
export interface Effect {
  readonly what: "start" | "end" | "overlap";
  readonly task: string;
  readonly attempt: number;
  readonly pid: number;
}

/** A project whose tasks note what they do in a file, so that whatever happens to Batuta can be judged from outside. */
export class CrashProject {
  readonly dir = mkdtempSync(join(tmpdir(), "batuta-crash-"));

  constructor() {
    mkdirSync(join(this.dir, "pipelines"));
    mkdirSync(join(this.dir, "node_modules"));
    symlinkSync(PACKAGE, join(this.dir, "node_modules", "batuta"));
    writeFileSync(join(this.dir, "batuta.json"), JSON.stringify({ name: "crash" }));
    writeFileSync(join(this.dir, "pipelines", "crash.ts"), PIPELINE);
  }

  effects(): readonly Effect[] {
    const path = join(this.dir, "effects.log");
    const text = readFileSync(path, { encoding: "utf8", flag: "a+" });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [what, task, attempt, pid] = line.split(" ");
        return { what: what as Effect["what"], task: task ?? "", attempt: Number(attempt), pid: Number(pid) };
      });
  }

  /** Processes that work in this project's folder, whoever started them. */
  processes(): readonly number[] {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && worksIn(pid, this.dir));
  }

  remove(): void {
    removeFolder(this.dir);
  }
}

function worksIn(pid: number, dir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dir;
  } catch {
    return false;
  }
}

/**
 * A graph with functions and subprocesses side by side. A task that starts while an earlier attempt of it still lives
 * notes an overlap: that must never happen.
 */
const PIPELINE = `
import { appendFileSync, readFileSync } from "node:fs";
import { pipeline } from "batuta";
import { shell } from "batuta/tasks";

const FILE = "effects.log";

// A process that was killed may stay as a zombie until its new parent has looked: it does nothing any more.
function lives(pid) {
  try {
    return !/^State:\\s+[ZX]/m.test(readFileSync(\`/proc/\${pid}/status\`, "utf8"));
  } catch {
    return false;
  }
}

function work(ms) {
  return async ({ task, attempt }) => {
    const before = readFileSync(FILE, { encoding: "utf8", flag: "a+" }).split("\\n").map((line) => line.split(" "));
    const started = before.filter(([what, name, , pid]) => what === "start" && name === task.name && Number(pid) !== process.pid);
    if (started.some(([, , , pid]) => lives(Number(pid)))) appendFileSync(FILE, \`overlap \${task.name} \${attempt} \${process.pid}\\n\`);
    appendFileSync(FILE, \`start \${task.name} \${attempt} \${process.pid}\\n\`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    appendFileSync(FILE, \`end \${task.name} \${attempt} \${process.pid}\\n\`);
    return task.name;
  };
}

export default pipeline("crash", ({ task }) => {
  const first = task("first", work(20));
  const quick = [0, 1, 2].map((index) => task(\`quick_\${index}\`, { after: [first] }, work(5)));
  const slow = task("slow", { after: [first] }, work(250));
  const command = task("command", { after: [first] }, shell\`
    echo "start command $BATUTA_ATTEMPT $$" >> effects.log
    sleep 0.2
    echo "end command $BATUTA_ATTEMPT $$" >> effects.log\`);
  const middle = task("middle", { input: { a: quick[0], b: quick[1] }, after: [quick[2]] }, work(60));
  const late = task("late", { after: [slow, command] }, shell\`
    echo "start late $BATUTA_ATTEMPT $$" >> effects.log
    sleep 0.1
    echo "end late $BATUTA_ATTEMPT $$" >> effects.log\`);
  task("last", { after: [middle, late] }, work(10));
});
`;
