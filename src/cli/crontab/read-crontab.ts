import { BatutaError } from "../../core/problem.ts";
import { checkCron } from "../../core/schedule/cron-ticks.ts";
import { CommentBlock } from "./comment-block.ts";
import { CronSettings } from "./cron-settings.ts";
import { type CrontabFormat, type JobLine, parseCrontabLine } from "./crontab-line.ts";
import { type JobCommand, splitCommand, staysBehind } from "./job-command.ts";
import { JobNames } from "./job-name.ts";

/** A job of a crontab, ready to become a pipeline. */
export interface CrontabJob {
  readonly line: number;
  /** The line as it stands in the file. */
  readonly text: string;
  readonly name: string;
  readonly description?: string;
  readonly expression: string;
  readonly timezone: string;
  /** Starts are spread over so many minutes; 0 = they are not. */
  readonly jitterMinutes: number;
  readonly shell: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: JobCommand;
  /** What of this job is not carried over, a sentence each. */
  readonly notes: readonly string[];
}

/** Something that a project of Batuta does not do as cron did. */
export interface LeftOut {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
  /** The pipeline that does without it; absent = the whole line is left out, or it is a setting. */
  readonly pipeline?: string;
}

export interface Crontab {
  readonly jobs: readonly CrontabJob[];
  /** In the order of the lines. */
  readonly leftOut: readonly LeftOut[];
}

export interface CrontabReading {
  readonly format: CrontabFormat;
  /** In which cron itself reads the times. */
  readonly timezone: string;
}

/** Reads a whole crontab. A line that is impossible is left out, with the reason, and the rest is read. */
export function readCrontab(text: string, reading: CrontabReading): Crontab {
  const reader = new Reader(reading);
  for (const [index, line] of text.split(/\r?\n/).entries()) reader.read(index + 1, line);
  return { jobs: reader.jobs, leftOut: reader.leftOut };
}

interface Place {
  readonly line: number;
  readonly text: string;
}

class Reader {
  readonly jobs: CrontabJob[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly #format: CrontabFormat;
  readonly #settings: CronSettings;
  readonly #names = new JobNames();
  readonly #comments = new CommentBlock();

  constructor({ format, timezone }: CrontabReading) {
    this.#format = format;
    this.#settings = new CronSettings(timezone);
  }

  read(line: number, raw: string): void {
    const text = raw.trim();
    const parsed = parseCrontabLine(text, this.#format);
    switch (parsed.kind) {
      case "comment":
        this.#comments.add(parsed.text);
        return;
      case "blank":
        this.#comments.clear();
        return;
      case "setting":
        this.#setting(parsed, { line, text });
        return;
      case "wrong":
        this.#leaveOut({ line, text }, `cron cannot read it: ${parsed.fault}`);
        return;
      case "job":
        this.#job(parsed, { line, text });
    }
  }

  #setting({ name, value }: { readonly name: string; readonly value: string }, place: Place): void {
    this.#comments.clear();
    const reason = this.#settings.set(name, value, place.line);
    if (reason !== undefined) this.leftOut.push({ ...place, reason });
  }

  #job(job: JobLine, place: Place): void {
    const reason = timesFault(job.times) ?? this.#settings.fault() ?? scheduleFault(job.times, this.#settings.timezone);
    if (reason !== undefined) {
      this.#leaveOut(place, reason);
      return;
    }
    const command = splitCommand(job.command);
    if (Buffer.byteLength(job.command) > COMMAND_BYTES_MAX) {
      this.#leaveOut(place, "its command is longer than a shell takes");
      return;
    }
    const description = this.#comments.take();
    const name = this.#names.nameOf(place.line, description, command.text);
    const own = ownNotes(job, command);
    for (const note of own) this.leftOut.push({ ...place, reason: note, pipeline: name });
    this.jobs.push({
      ...place,
      name,
      ...(description === undefined ? {} : { description }),
      expression: expressionOf(job.times),
      timezone: this.#settings.timezone,
      jitterMinutes: this.#settings.jitterMinutes,
      shell: this.#settings.shell,
      env: this.#settings.env(),
      command,
      notes: [...this.#settings.notes(), ...own],
    });
  }

  #leaveOut(place: Place, reason: string): void {
    this.#comments.clear();
    this.leftOut.push({ ...place, reason });
  }
}

/** A shell task takes its text as one argument, which Linux bounds. */
const COMMAND_BYTES_MAX = 100 * 1024;

const NICKNAMES = new Map([["@every_minute", "* * * * *"]]);
const KNOWN_NICKNAMES = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

function expressionOf(times: string): string {
  return NICKNAMES.get(times) ?? times;
}

function timesFault(times: string): string | undefined {
  if (times === "@reboot") return "nothing is run when the machine starts; let the machine itself start it";
  if (times.startsWith("@") && !KNOWN_NICKNAMES.test(times) && !NICKNAMES.has(times)) return `${times} is not known`;
  if (times.includes("~")) return "times are not chosen at random (~); write the ones that you want";
  return undefined;
}

function scheduleFault(times: string, timezone: string): string | undefined {
  try {
    checkCron({ expression: expressionOf(times), timezone });
    return undefined;
  } catch (error) {
    if (error instanceof BatutaError) return error.message.replace(/\.$/, "");
    throw error;
  }
}

function ownNotes({ user, silent, flags, command: raw }: JobLine, command: JobCommand): readonly string[] {
  return [
    ...(user === undefined ? [] : [`it ran as user ${user}; now it runs as the user of Batuta`]),
    ...(silent ? ["the - in front: Batuta records every run"] : []),
    ...(flags === "" ? [] : [`the flags ${flags} of the command`]),
    ...(staysBehind(command)
      ? ["what the & at the end leaves in the background is ended with the task; take it away"]
      : []),
    ...(/\$\{?(?:USER|LOGNAME)\b/.test(raw) ? ["cron sets USER and LOGNAME; put them into env"] : []),
  ];
}
