/** One line of a crontab, taken apart as cron does it; whether its times are possible is not asked here. */
export type CrontabLine =
  | { readonly kind: "blank" }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "setting"; readonly name: string; readonly value: string }
  | JobLine
  | { readonly kind: "wrong"; readonly fault: string };

export interface JobLine {
  readonly kind: "job";
  /** Five fields with one space between them, or a name such as `@daily`. */
  readonly times: string;
  /** Of a system crontab: whose command it is. */
  readonly user?: string;
  /** `-` in front of the times: cron does not write the start into the system log. */
  readonly silent: boolean;
  /** OpenBSD's and FreeBSD's `-n`, `-q` and `-s` in front of the command. */
  readonly flags: string;
  /** With its percent signs as they stand in the file. */
  readonly command: string;
}

export type CrontabFormat = "user" | "system";

export function parseCrontabLine(line: string, format: CrontabFormat): CrontabLine {
  const text = line.trim();
  if (text === "") return { kind: "blank" };
  if (text.startsWith("#")) return { kind: "comment", text: text.replace(/^#+/, "").trim() };
  return parseSetting(text) ?? parseJob(text, format);
}

const SETTING = /^(?:"([^"=]*)"|'([^'=]*)'|([^\s"'=][^\s=]*))\s*=\s*(.*)$/s;
const QUOTED = /^(["'])(.*)\1$/s;

function parseSetting(text: string): CrontabLine | undefined {
  const match = SETTING.exec(text);
  if (match === null) return undefined;
  const [, double, single, bare, value = ""] = match;
  const quoted = QUOTED.exec(value);
  return { kind: "setting", name: double ?? single ?? bare ?? "", value: quoted?.[2] ?? value };
}

const NAMED = /^(-?)(@\S+)(?:\s+(.*))?$/s;
const FIVE_FIELDS = /^(-?)(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/s;

function parseJob(text: string, format: CrontabFormat): CrontabLine {
  const named = NAMED.exec(text);
  const fields = named ?? FIVE_FIELDS.exec(text);
  if (fields === null) return wrong("it has fewer than five fields and a command");
  const [, minus, ...parts] = fields;
  const rest = parts.at(-1) ?? "";
  const times = parts.slice(0, -1).join(" ");
  const [user, command] = format === "system" ? splitUser(rest) : [undefined, rest];
  if (command === "" || command.startsWith("*")) return wrong(commandFault(format));
  const flags = /^(-[nqs]+)\s+/.exec(command);
  return {
    kind: "job",
    times,
    ...(user === undefined ? {} : { user }),
    silent: minus === "-",
    flags: flags?.[1] ?? "",
    command: command.slice(flags?.[0].length ?? 0),
  };
}

function splitUser(rest: string): readonly [user: string, command: string] {
  const [, user = "", command = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  return [user, command];
}

function commandFault(format: CrontabFormat): string {
  return format === "system"
    ? "after its times there is no user with a command"
    : "after its times there is no command";
}

function wrong(fault: string): CrontabLine {
  return { kind: "wrong", fault };
}
