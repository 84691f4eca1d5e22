import { parseDuration } from "../../core/duration.ts";
import type { Json } from "../../core/json.ts";
import { BatutaError } from "../../core/problem.ts";
import { type NewSignal, SIGNAL_TTL_MS } from "../../core/trigger/signal.ts";
import { systemRandom, uuidv7 } from "../../ports/random.ts";
import type { EmittedSignal } from "../../store/signal-records.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { eventData } from "../event-data.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface EmitOptions {
  readonly key?: string;
  readonly data?: string;
  readonly id?: string;
  readonly ttl?: string;
}

export const emit: Verb = {
  declare(command) {
    command
      .description("Send an event to the pipelines of the project that listen to its name.")
      .argument("<name>", "name of the event, such as orders.arrived")
      .option("--key <key>", "what it is about, such as a customer")
      .option("--data <json>", "its data as JSON, @file with it, or - for standard input (at most 1 MiB)")
      .option("--id <id>", "a second event with this name and id is the same one (default: a new id)")
      .option("--ttl <duration>", "how long it is kept for those who come later (default: 7d)")
      .addHelpText(
        "after",
        '\nExamples:\n  batuta emit orders.arrived\n  batuta emit orders.arrived --key eu --data \'{"path":"in/eu.csv"}\' --id eu-2026-01-02',
      );
  },
  async perform(cli, command) {
    const [name = ""] = command.args;
    const options = command.opts<EmitOptions>();
    const payload = await eventData(cli, options.data);
    const project = projectOf(cli);
    const signal = newSignal(cli, { project: project.name, name, payload, options });
    return withWorkspace(cli, project, async ({ store }) => {
      const [emitted] = await store.emit([signal]);
      if (emitted === undefined) throw new Error("The store says nothing of the event.");
      return answer(emitted);
    });
  },
};

interface Asked extends Pick<NewSignal, "project" | "name"> {
  readonly payload: Json;
  readonly options: EmitOptions;
}

function newSignal(cli: Cli, { project, name, payload, options }: Asked): NewSignal {
  const { key, id, ttl } = options;
  return {
    ...{ project, name, payload },
    id: id ?? uuidv7(cli.clock, systemRandom),
    ...(key === undefined ? {} : { key }),
    ttlMs: ttl === undefined ? SIGNAL_TTL_MS : ttlMs(ttl),
  };
}

function ttlMs(ttl: string): number {
  const ms = parseTtl(ttl);
  if (ms > 0) return ms;
  throw new BatutaError("usage", `--ttl ${ttl} is no time at all.`, { hint: "Write it like --ttl 7d." });
}

function parseTtl(ttl: string): number {
  try {
    return parseDuration(ttl, "--ttl");
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    const { message, hint } = error;
    throw new BatutaError("usage", message, hint === undefined ? {} : { hint });
  }
}

function answer(emitted: EmittedSignal): Answer {
  const { name, id, isNew } = emitted;
  return {
    data: emitted,
    text: () => (isNew ? `Event ${name} is sent: ${id}` : `Event ${name} ${id} was sent before; nothing has changed.`),
  };
}
