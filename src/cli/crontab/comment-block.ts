import { parseCrontabLine } from "./crontab-line.ts";

/** The comment lines straight above a job. */
export class CommentBlock {
  #lines: string[] = [];

  add(text: string): void {
    if (isLegend(text)) this.#lines = [];
    else if (!isSwitchedOff(text) && text !== "") this.#lines.push(text);
  }

  clear(): void {
    this.#lines = [];
  }

  /** What they say, as one text; undefined = nothing. Begins anew. */
  take(): string | undefined {
    const text = this.#lines.join(" ").slice(0, DESCRIPTION_CHARACTERS_MAX).trim();
    this.clear();
    return text === "" ? undefined : text;
  }
}

const DESCRIPTION_CHARACTERS_MAX = 500;

/** What distributions print above the first line, to explain the columns: it says nothing about the job below. */
function isLegend(text: string): boolean {
  return (
    /^m\s+h\s+dom\b/i.test(text) ||
    /^min\w*\s+hour\b/i.test(text) ||
    /^[.|┌│]/.test(text) ||
    /^(?:\*\s+){5}\S*(?:user|command)/i.test(text)
  );
}

function isSwitchedOff(text: string): boolean {
  const line = parseCrontabLine(text, "user");
  return line.kind === "job" && /^[@\d*][\w*,/-]*(?: [\w*,/-]+)*$/.test(line.times) && /^[@\d*]/.test(line.times);
}
