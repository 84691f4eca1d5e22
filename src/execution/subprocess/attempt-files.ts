import { join } from "node:path";
import { mayStartWithoutSuccess } from "../../core/trigger-rule.ts";
import type { Files } from "../../ports/files.ts";
import type { BlobStore } from "../blobs.ts";
import type { AttemptOrder, InputValue } from "../executor.ts";
import { itemText } from "../item-text.ts";

/** The files through which a subprocess hears and speaks, in the folder of its attempt. */
export interface AttemptFiles {
  /** JSON object: name of an input -> its value. */
  readonly input: string;
  /** One JSON object a line, appended by the process. */
  readonly messages: string;
  /** What `dagster-pipes` programs read. */
  readonly dagsterContext: string;
  /** JSON list of the events that have started the run. */
  readonly events?: string;
  /** JSON text of what a task run of a map is for. */
  readonly item?: { readonly path: string; readonly json: string };
}

export interface AttemptFilesParts {
  readonly folder: string;
  readonly files: Files;
  readonly blobs: BlobStore;
  readonly dagsterContext: string;
}

/** Writes them; values too large for the store are read from where they are kept. */
export async function writeAttemptFiles(order: AttemptOrder, parts: AttemptFilesParts): Promise<AttemptFiles> {
  const { folder, files, blobs, dagsterContext } = parts;
  files.makeFolder(folder);
  const paths: AttemptFiles = {
    input: join(folder, "input.json"),
    messages: join(folder, "messages.jsonl"),
    dagsterContext: join(folder, "dagster-context.json"),
  };
  write(files, paths.input, await inputText(order, blobs));
  write(files, paths.messages, []);
  write(files, paths.dagsterContext, [dagsterContext]);
  return { ...paths, ...writeEvents(order, parts), ...writeItem(order, { folder, files, blobs }) };
}

function writeEvents({ events }: AttemptOrder, { folder, files }: AttemptFilesParts): Pick<AttemptFiles, "events"> {
  if (events === undefined) return {};
  const path = join(folder, "events.json");
  const views = events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }));
  write(files, path, [JSON.stringify(views), "\n"]);
  return { events: path };
}

function writeItem(
  { item }: AttemptOrder,
  { folder, files, blobs }: Omit<AttemptFilesParts, "dagsterContext">,
): Pick<AttemptFiles, "item"> {
  if (item === undefined) return {};
  const written = { path: join(folder, "item.json"), json: itemText(item, blobs) };
  write(files, written.path, [written.json, "\n"]);
  return { item: written };
}

/** The folder lives as long as the attempt: it need not survive a crash, so nothing waits for the disk. */
function write(files: Files, path: string, parts: readonly string[]): void {
  const file = files.openAppend(path);
  try {
    for (const part of parts) file.append(part);
  } finally {
    file.close();
  }
}

/** Values are JSON text already, and are never parsed here. */
async function inputText({ input, task }: AttemptOrder, blobs: BlobStore): Promise<readonly string[]> {
  const outcomes = mayStartWithoutSuccess(task.when);
  const parts: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    parts.push(`${parts.length === 0 ? "{" : ","}${JSON.stringify(name)}:`, await fieldText(value, outcomes, blobs));
  }
  return parts.length === 0 ? ["{}\n"] : [...parts, "}\n"];
}

/** What a map has given is too much for one file of JSON: it is in a file of its own. */
async function fieldText(value: InputValue, outcomes: boolean, blobs: BlobStore): Promise<string> {
  const { mapped, state } = value;
  if (mapped !== undefined) return JSON.stringify({ file: mapped.jsonLines, length: mapped.length });
  const json = await jsonOf(value, blobs);
  return outcomes ? outcomeText(state, json) : json;
}

function outcomeText(state: InputValue["state"], json: string): string {
  return state === "success" ? `{"state":"success","value":${json}}` : `{"state":${JSON.stringify(state)}}`;
}

async function jsonOf({ value }: InputValue, blobs: BlobStore): Promise<string> {
  if (value === undefined) return "null";
  return value.kind === "inline" ? value.json : await blobs.get(value.hash);
}
