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

/** Whether an order has to be prepared: most orders hold all that an attempt needs. */
export function needsPreparation({ item, input }: AttemptOrder): boolean {
  return item?.kind === "in_blob" || Object.values(input).some(({ mapped }) => mapped !== undefined);
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
  return { ...order, ...found, input };
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
