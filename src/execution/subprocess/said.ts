import type { Failure } from "../../core/failure.ts";
import type { Json } from "../../core/json.ts";
import type { TaskSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { toJsonText } from "../../core/serialize-value.ts";
import { cursorText } from "../../core/source-cursor.ts";
import { VALUE_BYTES_MAX } from "../../core/value.ts";
import type { AttemptOutput } from "../attempt-output.ts";
import type { LongLine } from "./message-file.ts";
import { parseTaskMessage } from "./parse-task-message.ts";
import type { TaskMessage } from "./task-message.ts";

/** The value that a subprocess gave: the last `output` message counts. */
export type SaidOutput =
  | { readonly kind: "json"; readonly json: string }
  /** Too large to be read here: stands in the message file. */
  | { readonly kind: "in_file"; readonly line: LongLine }
  | { readonly kind: "invalid"; readonly failure: Failure };

/** Where the cursor is to move: the last `cursor` message counts. */
export type SaidCursor =
  | { readonly kind: "json"; readonly json: string }
  | { readonly kind: "invalid"; readonly failure: Failure };

export interface Materialisation {
  readonly asset: string;
  readonly metadata?: Json;
}

/** What a subprocess has said of itself, message by message. */
export class Said {
  readonly #output: AttemptOutput;
  readonly #declaredAssets: readonly string[];
  readonly #cursorName: string | undefined;
  readonly #materialisations = new Map<string, Materialisation>();
  output: SaidOutput | undefined;
  cursor: SaidCursor | undefined;
  /** Of a `dagster-pipes` program. */
  exception: Extract<TaskMessage, { readonly type: "exception" }> | undefined;

  constructor(output: AttemptOutput, { outputs, cursor }: Pick<TaskSpec, "outputs" | "cursor">) {
    this.#output = output;
    this.#declaredAssets = outputs.map(({ key }) => key);
    this.#cursorName = cursor?.name;
  }

  hearLine(line: string): void {
    const parsed = parseTaskMessage(line);
    if (parsed.ok) this.#hear(parsed.message);
    else this.#output.say("warn", `A message to Batuta is ${parsed.problem}`);
  }

  hearLongLine(line: LongLine): void {
    if (/"type"\s*:\s*"cursor"/.test(line.ends)) {
      this.cursor = { kind: "invalid", failure: cursorTooLarge(line.bytes) };
    } else if (!/"type"\s*:\s*"output"/.test(line.ends)) {
      this.#output.say("warn", `A message to Batuta of ${line.bytes} bytes is too long and was dropped.`);
    } else if (line.bytes > VALUE_BYTES_MAX + ENVELOPE_BYTES_MAX) {
      this.output = { kind: "invalid", failure: tooLarge() };
    } else {
      this.output = { kind: "in_file", line };
    }
  }

  /** Declared assets are made by success alone; messages add what they know, and may name others. */
  materialisations(): readonly Materialisation[] {
    const made = new Map<string, Materialisation>(this.#declaredAssets.map((asset) => [asset, { asset }]));
    for (const [asset, materialisation] of this.#materialisations) made.set(asset, materialisation);
    return [...made.values()];
  }

  #hear(message: TaskMessage): void {
    switch (message.type) {
      case "log":
        this.#output.say(message.level, withFields(message.message, message.fields));
        break;
      case "metric":
        this.#output.say(
          "info",
          `metric ${message.name} = ${JSON.stringify(message.value)} ${message.unit ?? ""}`.trimEnd(),
        );
        break;
      case "check":
        this.#hearCheck(message);
        break;
      case "materialisation":
        this.#hearMaterialisation(message);
        break;
      case "output":
        this.#hearOutput(message.value);
        break;
      case "cursor":
        this.#hearCursor(message.value);
        break;
      case "exception":
        this.exception = message;
        break;
      case "heartbeat":
        break;
    }
  }

  #hearCheck({ name, passed, severity, asset, metadata }: Extract<TaskMessage, { readonly type: "check" }>): void {
    const subject = asset === undefined ? "" : ` of ${asset}`;
    const level = passed ? "info" : severity;
    this.#output.say(level, withFields(`check ${name}${subject} ${passed ? "passed" : "failed"}`, metadata));
  }

  #hearMaterialisation(message: Extract<TaskMessage, { readonly type: "materialisation" }>): void {
    const [only, ...others] = this.#declaredAssets;
    const asset = message.asset ?? (others.length === 0 ? only : undefined);
    if (asset === undefined) {
      this.#output.say("warn", "A materialisation names no asset, and the task does not declare exactly one output.");
      return;
    }
    const { metadata } = message;
    this.#materialisations.set(asset, metadata === undefined ? { asset } : { asset, metadata });
  }

  #hearCursor(value: Json): void {
    if (this.#cursorName === undefined) {
      this.#output.say("warn", "A message moves a cursor, but the task has none: give it the option `cursor`.");
      return;
    }
    try {
      this.cursor = { kind: "json", json: cursorText(this.#cursorName, value) };
    } catch (error) {
      this.cursor = { kind: "invalid", failure: refusedCursor(error) };
    }
  }

  #hearOutput(value: Json): void {
    const text = toJsonText(value);
    this.output = text.ok
      ? { kind: "json", json: text.json }
      : {
          kind: "invalid",
          failure: { reason: "invalid_output", message: `The output cannot be kept: ${text.path} ${text.problem}.` },
        };
  }
}

/** `{"type":"output","value":…}` around the value, with spaces. */
const ENVELOPE_BYTES_MAX = 1024;

function withFields(message: string, fields: Json | undefined): string {
  return fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
}

function refusedCursor(error: unknown): Failure {
  const hint = error instanceof BatutaError && error.hint !== undefined ? { hint: error.hint } : {};
  const message = error instanceof Error ? error.message : String(error);
  return { reason: "invalid_output", message, ...hint };
}

function cursorTooLarge(bytes: number): Failure {
  return {
    reason: "invalid_output",
    message: `The new value of the cursor has some ${bytes} bytes, more than 64 KiB.`,
    hint: "Keep in it how far the source has been read, such as the last id or offset, and the rest elsewhere.",
  };
}

function tooLarge(): Failure {
  return {
    reason: "invalid_output",
    message: `The output is larger than ${VALUE_BYTES_MAX / 2 ** 20} MiB.`,
    hint: "Write the data to a file or table and give as output where it is.",
  };
}
