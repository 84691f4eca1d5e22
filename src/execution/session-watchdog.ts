import { type RunningProcess, startProcess } from "../ports/processes.ts";

/** Environment variable that every process of a session carries, down to its last descendant. */
export const SESSION_VARIABLE = "BATUTA_SESSION";

/** `NAME=value`, as it stands in the environment of a process of this session. */
export function sessionMarker(sessionId: string): string {
  return `${SESSION_VARIABLE}=${sessionId}`;
}

const RESTARTS_MAX = 5;

/**
 * Outlives the process that starts it: a shell of some 1 MB that waits for the end of a pipe. However this process
 * ends, by `kill -9` too, the kernel closes the pipe, and the shell kills every process that carries the session's
 * marker. It runs in a session of its own, so that Ctrl-C does not reach it, and does not carry the marker itself.
 */
export class SessionWatchdog {
  readonly #sessionId: string;
  #shell: Promise<RunningProcess> | undefined;
  #restarts = 0;
  #stopping = false;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  /** Resolves when it watches. Must be called before the first process of the session starts; again is no harm. */
  async start(): Promise<void> {
    this.#shell ??= this.#startShell();
    await this.#shell;
  }

  /** Ends the watch: there is nothing left to kill. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const shell = await this.#shell?.catch(() => undefined);
    if (shell === undefined) return;
    shell.ref();
    shell.stdin?.end("done\n");
    await shell.exited;
  }

  async #startShell(): Promise<RunningProcess> {
    const script = process.platform === "linux" ? LINUX_SCRIPT : PS_SCRIPT;
    const shell = await startProcess({ argv: ["/bin/sh", "-c", script], cwd: "/", env: {}, stdin: "pipe" });
    shell.unref();
    // The marker does not stand in argv: what looks for it by `ps` must not find itself.
    shell.stdin?.write(`${sessionMarker(this.#sessionId)}\n`);
    void shell.exited.then(() => this.#restart());
    return shell;
  }

  /** Somebody killed the watchdog: a session goes on with another one. */
  #restart(): void {
    if (this.#stopping || this.#restarts >= RESTARTS_MAX) return;
    this.#restarts += 1;
    this.#shell = this.#startShell();
    this.#shell.catch(() => undefined);
  }
}

const WAIT = `
read -r marker || exit 0
if read -r word && [ "$word" = done ]; then exit 0; fi
`;

/** \`grep -l\` reads all environments in one process; those of zombies are empty. */
const LINUX_SCRIPT = `${WAIT}
round=0
while [ $round -lt 200 ]; do
  found=$(grep -l -- "$marker" /proc/[0-9]*/environ 2>/dev/null)
  [ -z "$found" ] && exit 0
  for file in $found; do
    pid=\${file#/proc/}
    pid=\${pid%/environ}
    kill -9 "-$pid" 2>/dev/null
    kill -9 "$pid" 2>/dev/null
  done
  round=$((round + 1))
  sleep 0.05 2>/dev/null || sleep 1
done
`;

/** Where there is no /proc (macOS). */
const PS_SCRIPT = `${WAIT}
round=0
while [ $round -lt 200 ]; do
  found=$(ps axeww -o pid=,command= | while read -r pid rest; do case "$rest" in *"$marker"*) echo "$pid";; esac; done)
  [ -z "$found" ] && exit 0
  for pid in $found; do
    kill -9 "-$pid" 2>/dev/null
    kill -9 "$pid" 2>/dev/null
  done
  round=$((round + 1))
  sleep 0.05 2>/dev/null || sleep 1
done
`;
