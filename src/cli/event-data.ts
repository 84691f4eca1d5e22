import { resolve } from "node:path";
import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import { parseJson } from "../core/serialize-value.ts";
import { PAYLOAD_BYTES_MAX } from "../core/trigger/signal.ts";
import { localFiles } from "../ports/files.ts";
import { readStandardInput } from "../ports/standard-input.ts";
import type { Cli } from "./cli.ts";

/** Spaces and line breaks are no data: a text may be longer than what it says. */
const TEXT_BYTES_MAX = 4 * PAYLOAD_BYTES_MAX;

/** What `--data` says: JSON, `@file`, or `-` for standard input; an empty object when it is absent. */
export async function eventData(cli: Pick<Cli, "workingFolder">, given: string | undefined): Promise<Json> {
  if (given === undefined) return {};
  const text = await textOf(cli, given);
  try {
    return parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BatutaError("usage", `--data ${given === text ? "" : `${given} `}is not valid JSON: ${reason}`, {
      hint: "Write it like --data '{\"rows\":12}', with single quotes around it, or --data @file.json.",
    });
  }
}

async function textOf({ workingFolder }: Pick<Cli, "workingFolder">, given: string): Promise<string> {
  if (given === "-") {
    const text = await readStandardInput(TEXT_BYTES_MAX);
    if (text === undefined) throw tooLarge("Standard input", TEXT_BYTES_MAX);
    return text;
  }
  if (!given.startsWith("@")) return given;
  const path = resolve(workingFolder, given.slice(1));
  const file = localFiles.stat(path);
  if (file?.kind !== "file") {
    throw new BatutaError("not_found", `There is no file ${path}.`, { hint: "Write --data @file.json." });
  }
  if (file.bytes > TEXT_BYTES_MAX) throw tooLarge(path, file.bytes);
  return localFiles.readText(path);
}

function tooLarge(what: string, bytes: number): BatutaError {
  const size = (bytes / PAYLOAD_BYTES_MAX).toFixed(1);
  return new BatutaError("usage", `${what} has ${size} MiB or more; the data of an event may have 1 MiB.`, {
    hint: 'Send the path of the data instead: --data \'{"path":"in/orders.csv"}\'.',
  });
}
