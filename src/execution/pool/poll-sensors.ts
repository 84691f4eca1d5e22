import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import type { BlobStore } from "../blobs.ts";
import type { PollAnswer } from "../executor.ts";
import { type TakenPoll, takePoll } from "../sensors/take-poll.ts";
import { type AttemptContext, attemptContext } from "./attempt-context.ts";
import { attemptInputs } from "./attempt-inputs.ts";
import { attemptItem } from "./attempt-item.ts";
import type { LoadedPipeline } from "./load-pipeline.ts";
import { decodeLogLine, type LoadOrder, type PollFacts } from "./messages.ts";
import { taskLog } from "./task-log.ts";
import { thrownFailure } from "./thrown-failure.ts";

export interface SensorHome {
  readonly load: LoadOrder;
  readonly pipeline: LoadedPipeline;
  readonly blobs: BlobStore;
}

/** Lets sensors of a pipeline look, all at the same time; each answers in its own time-out at the latest. */
export async function pollSensors(
  polls: readonly PollFacts[],
  home: SensorHome,
): Promise<{ readonly answers: readonly PollAnswer[]; readonly late: boolean }> {
  const taken = await Promise.all(polls.map((poll) => pollSensor(poll, home)));
  return { answers: taken.map(({ answer }) => answer), late: taken.some(({ isLate }) => isLate) };
}

async function pollSensor(poll: PollFacts, home: SensorHome): Promise<TakenPoll> {
  const { load, pipeline, blobs } = home;
  let lastLine: string | undefined;
  const note = (line: string): void => {
    lastLine = decodeLogLine(line).text;
  };
  try {
    const task = pipeline.tasks.get(poll.task);
    const look = task?.functions.poll;
    if (task === undefined || look === undefined) throw new Error(`"${poll.task}" is no sensor of this pipeline.`);
    const attempt = await contextOf(poll, home, { task: task.spec, note });
    try {
      return await takePoll({
        look: () => look(attempt.context, { config: poll.config, memory: poll.memory, now: poll.now }),
        abort: attempt.abort,
        lastLine: () => lastLine,
        timeoutMs: poll.pollTimeoutMs,
        clock: systemClock,
        keep: { blobs, labelPaths: poll.labelPaths },
        rootDir: load.rootDir,
      });
    } finally {
      attempt.dispose();
    }
  } catch (thrown) {
    return { answer: { kind: "error", failure: thrownFailure(thrown, load.rootDir) }, isLate: false };
  }
}

interface ContextParts {
  readonly task: Parameters<typeof attemptInputs>[1];
  readonly note: (line: string) => void;
}

async function contextOf(poll: PollFacts, { load, blobs }: SensorHome, parts: ContextParts): Promise<AttemptContext> {
  if (poll.run === undefined) throw new Error(`Nothing was said of run ${poll.runId}.`);
  const input = await attemptInputs(poll, parts.task, { blobs, files: localFiles });
  const item = attemptItem(poll, blobs);
  return attemptContext({ load, run: poll.run, facts: poll, input, item, log: taskLog(parts.note), files: localFiles });
}
