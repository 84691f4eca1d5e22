import type { Files } from "../ports/files.ts";
import type { BlobLists } from "./blob-lists.ts";
import type { BlobStore } from "./blobs.ts";
import type { AttemptOrder, InputValue } from "./executor.ts";
import { writeJsonLines, writeMappedFile } from "./mapped-file.ts";

export interface PreparationParts {
  /** Of the attempt. */
  readonly folder: string;
  readonly files: Files;
  readonly blobs: BlobStore;
  readonly lists: BlobLists;
}

/** Values that go with an order, together; of more the largest are kept as blobs, from which the attempt reads them. */
const ORDER_CHARACTERS_MAX = 32 * 1024 * 1024;

/** Whether an order has to be prepared: most orders hold all that an attempt needs. */
export function needsPreparation({ item, input }: AttemptOrder): boolean {
  const inputs = Object.values(input);
  return (
    item?.kind === "in_blob" ||
    inputs.some(({ mapped }) => mapped !== undefined) ||
    charactersOf(inputs) > ORDER_CHARACTERS_MAX
  );
}

function charactersOf(inputs: readonly InputValue[]): number {
  return inputs.reduce((sum, { value }) => sum + (value?.kind === "inline" ? value.json.length : 0), 0);
}

/** The order with its item found, and what maps have given in files of the attempt's folder. */
export async function preparedOrder(order: AttemptOrder, parts: PreparationParts): Promise<AttemptOrder> {
  const { item } = order;
  const found = item?.kind === "in_blob" ? { item: await parts.lists.find(item) } : {};
  const input: Record<string, InputValue> = {};
  for (const [name, value] of Object.entries(order.input)) {
    const { mapped } = value;
    input[name] =
      mapped === undefined
        ? value
        : { ...value, mapped: { ...mapped, ...(await filesOf(name, mapped, order, parts)) } };
  }
  return { ...order, ...found, input: await lightened(input, parts.blobs) };
}

async function lightened(
  input: Readonly<Record<string, InputValue>>,
  blobs: BlobStore,
): Promise<Readonly<Record<string, InputValue>>> {
  let characters = charactersOf(Object.values(input));
  if (characters <= ORDER_CHARACTERS_MAX) return input;
  const light: Record<string, InputValue> = { ...input };
  const inline = Object.entries(input).flatMap(([name, { state, value }]) =>
    value?.kind === "inline" ? [{ name, state, json: value.json }] : [],
  );
  for (const { name, state, json } of inline.sort((one, other) => other.json.length - one.json.length)) {
    if (characters <= ORDER_CHARACTERS_MAX) break;
    light[name] = { state, value: { kind: "blob", ...(await blobs.put(json)) } };
    characters -= json.length;
  }
  return light;
}

async function filesOf(
  name: string,
  mapped: NonNullable<InputValue["mapped"]>,
  order: AttemptOrder,
  parts: PreparationParts,
): Promise<{ readonly file?: string; readonly jsonLines?: string }> {
  parts.files.makeFolder(parts.folder);
  const isCommand = order.task.execution.via === "process";
  const asksFunctions = !isCommand || order.askFirst || order.askOnly === true;
  return {
    ...(asksFunctions ? { file: await writeMappedFile(name, mapped, parts) } : {}),
    ...(isCommand && order.askOnly !== true
      ? { jsonLines: await writeJsonLines(name, mapped, { ...parts, order }) }
      : {}),
  };
}
