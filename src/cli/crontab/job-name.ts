const NAME_CHARACTERS_MAX = 40;
const COMMENT_WORDS_MAX = 4;

/** Gives names that are valid, say what the job does, and are not given twice. */
export class JobNames {
  readonly #taken = new Set<string>();

  /** From a short comment, else from the program that the command runs. */
  nameOf(line: number, description: string | undefined, command: string): string {
    const wanted = fromComment(description) || fromCommand(command) || `line_${line}`;
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}_${number}`;
    this.#taken.add(name);
    return name;
  }
}

function fromComment(comment: string | undefined): string {
  if (comment === undefined || comment.split(/\s+/).length > COMMENT_WORDS_MAX) return "";
  return slug(comment);
}

/** Programs that run another one, with the count of operands that come before it. */
const WRAPPERS = new Map([
  ...["chronic", "env", "exec", "ionice", "nice", "nohup", "sudo", "time"].map((name) => [name, 0] as const),
  ...["cronitor", "chrt", "flock", "setlock", "su", "taskset", "timeout"].map((name) => [name, 1] as const),
]);
const INTERPRETERS = /^(?:ba|da|k|z)?sh$|^(?:python|pypy|php|perl|ruby|node|deno|bun|Rscript|java|pwsh)[\d.]*$/;
/** Commands that only prepare for what the job is about. */
const PREPARATIONS = new Set([
  "[",
  "[[",
  "test",
  "cd",
  ".",
  "source",
  "export",
  "set",
  "sleep",
  "umask",
  "ulimit",
  "if",
]);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const OPTIONS_WITH_VALUE = new Set(["-u", "-g"]);

function fromCommand(command: string): string {
  for (const part of command.split(/&&|\|\||[;|&(){}]/)) {
    const name = programOf(part.split(/\s+/).filter((word) => word !== ""));
    if (name !== "") return name;
  }
  return "";
}

function programOf(words: readonly string[]): string {
  let skip = 0;
  for (const word of words) {
    const name = baseName(word);
    if (skip > 0 && !word.startsWith("-")) skip -= 1;
    else if (OPTIONS_WITH_VALUE.has(word)) skip = 1;
    else if (PREPARATIONS.has(word)) return "";
    else if (WRAPPERS.has(name)) skip = WRAPPERS.get(name) ?? 0;
    else if (isProgram(word, name)) return slug(name.replace(/\.\w{1,5}$/, ""));
  }
  return "";
}

function isProgram(word: string, name: string): boolean {
  return !word.startsWith("-") && !ASSIGNMENT.test(word) && !INTERPRETERS.test(name) && /^[^\d>< ][^><]*$/.test(name);
}

function baseName(word: string): string {
  return (
    word
      .replaceAll(/["'\\`]/g, "")
      .split("/")
      .filter(Boolean)
      .at(-1) ?? ""
  );
}

function slug(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f'’]/g, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .slice(0, NAME_CHARACTERS_MAX)
    .replaceAll(/^_+|_+$/g, "");
  return /^[0-9]/.test(plain) ? `job_${plain}` : plain;
}
