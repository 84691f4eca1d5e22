import type { OwnerProcesses } from "../../../engine/owner-processes.ts";
import type { Life } from "./life.ts";
import type { TaskProcess } from "./task-process.ts";

/** A machine: what runs on it, as its process table shows it. */
export class Host {
  readonly name: string;
  readonly #engines = new Map<number, Life>();
  /** By session: what carries its mark in the environment. */
  readonly #processes = new Map<string, TaskProcess[]>();

  constructor(name: string) {
    this.name = name;
  }

  engineStarted(pid: number, life: Life): void {
    this.#engines.set(pid, life);
  }

  processStarted(session: string, process: TaskProcess): void {
    const ofSession = this.#processes.get(session) ?? [];
    this.#processes.set(session, [...ofSession.filter((each) => each.isAlive), process]);
  }

  processesOf(session: string): readonly TaskProcess[] {
    return (this.#processes.get(session) ?? []).filter((each) => each.isAlive);
  }

  /** What engines on this machine see of others. */
  readonly owners: OwnerProcesses = {
    stateOf: ({ hostId, pid }) => {
      if (hostId !== this.name) return "elsewhere";
      return this.#engines.get(pid)?.isAlive === true ? "alive" : "gone";
    },
    endLeftOvers: async ({ id }) => {
      for (const process of this.processesOf(id)) process.kill();
    },
  };
}
