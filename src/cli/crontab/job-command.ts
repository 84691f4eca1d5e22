/** What cron gives to the shell, and what it gives to the command on its standard input. */
export interface JobCommand {
  readonly text: string;
  /** Lines without their line breaks; absent = nothing on standard input. */
  readonly input?: readonly string[];
}

/** A percent sign ends the command and begins its input; further ones are line breaks; `\%` is a percent sign. */
export function splitCommand(command: string): JobCommand {
  let text = "";
  // A backslash takes the next character with it, so that the percent sign of `\\%` is not escaped.
  for (const { 0: part, index } of command.matchAll(/\\.|./gs)) {
    if (part === "%") return { text: text.trimEnd(), ...inputOf(command.slice(index + 1)) };
    text += part === "\\%" ? "%" : part;
  }
  return { text: text.trimEnd() };
}

/** Within the input, any backslash before a percent sign escapes it. */
function inputOf(rest: string): Pick<JobCommand, "input"> {
  if (rest === "") return {};
  const input = rest.replaceAll(/\\?%/g, (sign) => (sign === "%" ? "\n" : "%"));
  return { input: input.replace(/\n$/, "").split("\n") };
}

/** The shells that a task of Batuta knows by name; any other is started from within `sh`. */
const INTERPRETERS = new Map<string, "sh" | "bash">([
  ["/bin/sh", "sh"],
  ["/usr/bin/sh", "sh"],
  ["sh", "sh"],
  ["/bin/bash", "bash"],
  ["/usr/bin/bash", "bash"],
  ["bash", "bash"],
]);

export interface JobScript {
  readonly interpreter: "sh" | "bash";
  readonly text: string;
}

/**
 * The command as the text of a shell task. cron starts it in the home folder, goes on after a command that fails, and
 * looks at the end of a pipe alone; a shell task does so where it is told to.
 */
export function jobScript({ text, input }: JobCommand, shell: string): JobScript {
  const interpreter = INTERPRETERS.get(shell);
  const isWhole = interpreter !== undefined && !text.endsWith("\\");
  const command = isWhole ? text : `${quoted(shell)} -c ${quoted(text)}`;
  const lines = ["cd ~", ...(isWhole ? leniency(interpreter, text) : []), ...withInput(command, input)];
  return { interpreter: isWhole ? interpreter : "sh", text: lines.join("\n") };
}

/** A command that is one only, or whose parts hang on each other by `&&` and `||`, ends the same way in both. */
function leniency(interpreter: "sh" | "bash", text: string): readonly string[] {
  const isSequence = /;|[^&>|]&(?!&|>)/.test(text);
  const hasPipe = interpreter === "bash" && /[^|]\|(?!\|)/.test(text);
  const switches = [...(isSequence ? ["+e"] : []), ...(hasPipe ? ["+o pipefail"] : [])];
  return switches.length === 0 ? [] : [`set ${switches.join(" ")}`];
}

function withInput(command: string, input: readonly string[] | undefined): readonly string[] {
  if (input === undefined) return [command];
  return [`printf '%s\\n' ${input.map(quoted).join(" ")} | {`, command, "}"];
}

function quoted(text: string): string {
  return /^[\w./:@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether the command goes on behind the shell that started it. */
export function staysBehind({ text }: JobCommand): boolean {
  return /[^&>]&\s*$/.test(text);
}
