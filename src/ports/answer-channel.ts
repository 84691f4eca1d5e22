import * as fs from "node:fs";

/**
 * The child's side of a process that is given its whole input on stdin and answers in lines on descriptor 3, so that
 * whatever its code prints cannot be taken for an answer.
 */
const ANSWER_DESCRIPTOR = 3;

/** Everything on stdin. */
export function readInput(): string {
  return fs.readFileSync(0, "utf8");
}

/** One answer. Returns when it is in the pipe, so that it survives a `process.exit()` right after. */
export function answerLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  let written = 0;
  while (written < bytes.length) written += fs.writeSync(ANSWER_DESCRIPTOR, bytes, written);
}
