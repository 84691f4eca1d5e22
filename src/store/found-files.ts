import type { Json } from "../core/json.ts";
import { type FileState, fileStateId, inOrderOfChange } from "../core/trigger/file-state.ts";
import { eventNameOf, FILE_BEFORE, type TriggerSpec } from "../core/trigger/trigger-spec.ts";
import { sha256Hex } from "../ports/digest.ts";
import { present } from "./records.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { SignalInsert } from "./signal-rows.ts";
import { storableReason } from "./storable.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { FileTrigger, LookFault } from "./trigger-records.ts";

/** Triggers of the current version that wait for files. */
export async function fileTriggers(rows: Reader, project: string): Promise<readonly FileTrigger[]> {
  return (await rows.triggers.forFiles(project)).flatMap((row) => {
    const { key, generation, pipeline, name } = row;
    const { source } = JSON.parse(row.spec) as TriggerSpec;
    if (source.kind !== "file") return [];
    const lookFault = row.lookFault === null ? null : (JSON.parse(row.lookFault) as ScheduleFault);
    return [{ key, generation, project, pipeline, name, source, ...present("lookFault", lookFault) }];
  });
}

/**
 * Makes events of files for their trigger: a state of a file that it knows already changes nothing. They stay until a run
 * takes them, for a file is not sent again. Gives how many are new.
 */
export async function keepFiles(tx: Transaction, trigger: FileTrigger, files: readonly FileState[]): Promise<number> {
  if (files.length === 0 || !(await isCurrent(tx, trigger))) return 0;
  const rows = inOrderOfChange(files).map((file) => rowOf(trigger, fileStateId(file), payloadOf(file)));
  return (await tx.signals.insert(rows)).filter((number) => number !== undefined).length;
}

/**
 * The files that were there before the trigger, for its pattern: they are events that it never takes. Only the first to say
 * what was there is heard; false: somebody has said so before.
 */
export async function ignoreFiles(
  tx: Transaction,
  trigger: FileTrigger,
  files: readonly FileState[],
): Promise<boolean> {
  if (!(await isCurrent(tx, trigger))) return false;
  const { glob } = trigger.source;
  const [first] = await tx.signals.insert([rowOf(trigger, `before ${glob}`, { [FILE_BEFORE]: glob })]);
  if (first === undefined) return false;
  const rows = files.map((file) => rowOf(trigger, fileStateId(file), { ...payloadOf(file), [FILE_BEFORE]: glob }));
  if (rows.length > 0) await tx.signals.insert(rows);
  return true;
}

/** What stands in the way of looking is on show until it is mended. */
export async function noteLook(tx: Transaction, trigger: FileTrigger, fault: LookFault | undefined): Promise<void> {
  const text = fault === undefined ? null : JSON.stringify(faultOf(trigger.lookFault, fault, tx.now));
  await tx.triggers.noteLook(trigger, text);
}

/** Who has looked for another pattern than the one that is deployed says nothing. */
async function isCurrent(tx: Reader, { project, key, generation }: FileTrigger): Promise<boolean> {
  const rows = await tx.triggers.forFiles(project);
  return rows.some((row) => row.key === key && row.generation === generation);
}

function rowOf({ project, pipeline, name, source }: FileTrigger, id: string, payload: Json): SignalInsert {
  return {
    ...{ project, name: eventNameOf(pipeline, { name, source }), id: shortId(id), key: null },
    ...{ payload: JSON.stringify(payload), expiresAt: null },
  };
}

function payloadOf({ path, size, modifiedMs }: FileState) {
  return { path, size, modifiedAt: new Date(modifiedMs).toISOString() };
}

const ID_LENGTH_MAX = 200;

/** Paths may be longer than an index takes. */
function shortId(id: string): string {
  return id.length <= ID_LENGTH_MAX ? id : sha256Hex(id);
}

function faultOf(before: ScheduleFault | undefined, { message, hint }: LookFault, now: number): ScheduleFault {
  return {
    message: storableReason(message),
    ...(hint === undefined ? {} : { hint: storableReason(hint) }),
    since: before?.since ?? now,
    times: (before?.times ?? 0) + 1,
  };
}
