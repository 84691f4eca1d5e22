import { stripVTControlCharacters } from "node:util";

/** Columns a text takes on a terminal, its colour codes left out. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** Cuts a text, colour codes kept, so that it fits; the cut is shown by an ellipsis. */
export function fitWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const part of text.split(COLOR_CODE)) {
    if (COLOR_CODE.test(part)) {
      kept += part;
      continue;
    }
    for (const character of part) {
      width += characterWidth(character);
      if (width > columns - 1) return `${kept}…${text.includes(ESCAPE) ? RESET : ""}`;
      kept += character;
    }
  }
  return kept;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

/** Text from outside, made safe to show on one line: no escape sequence, no control character, no line break. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROL, " ").replaceAll(/ {2,}/g, " ").trim();
}

/** A line of a log: colours stay, whatever moves the cursor or talks to the terminal goes. */
export function safeLogLine(text: string): string {
  return text
    .split(COLOR_CODE)
    .map((part) => (COLOR_CODE.test(part) ? part : stripVTControlCharacters(part).replaceAll(CONTROL_BUT_TAB, "")))
    .join("");
}

const ESCAPE = "\u001b";
const RESET = `${ESCAPE}[0m`;
const COLOR_CODE = new RegExp(`(${ESCAPE}\\[[0-9;:]*m)`);
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
const CONTROL_BUT_TAB = /(?!\t)\p{Cc}/gu;

function characterWidth(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const COMBINING = /\p{Mark}|\u200d|\ufe0f/u;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
