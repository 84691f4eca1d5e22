import type { Placeholder } from "./template.ts";

export type SqlPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly placeholder: Placeholder }
  | { readonly kind: "identifier"; readonly placeholder: Placeholder };

/** Where in SQL text a placeholder stands. */
export type SqlMark = "code" | "whole_string" | "string" | "quoted_name" | "dollar_quotes" | "comment";

export interface SqlScan {
  readonly statements: readonly (readonly SqlPiece[])[];
  /** A parameter that the text itself holds, such as `$1`. */
  readonly ownParameter: string | undefined;
}

/**
 * Reads SQL text as far as is needed to know what is code, what is quoted and where statements end. The caller tells
 * text (`read`) from placeholders: at each of those it asks for the `mark` and adds a piece.
 */
export class SqlScanner {
  readonly #dialect: { readonly nestsComments: boolean; readonly parameterMark: "$1" | "?" };
  readonly #statements: SqlPiece[][] = [];
  #pieces: SqlPiece[] = [];
  #text = "";
  #state: State = { kind: "code" };
  /** Whether the statement has anything but white space and comments. */
  #hasCode = false;
  /** Words of the statement, as far as they tell where it ends. */
  #word = "";
  #firstWord = "";
  #definesRoutine = false;
  #blocks = 0;
  /** The last character read was a `;` that ends the statement. */
  #ends = false;
  #ownParameter: string | undefined;
  /** Characters of the next text that a replaced string has used up. */
  #used = 0;

  constructor(dialect: { readonly nestsComments: boolean; readonly parameterMark: "$1" | "?" }) {
    this.#dialect = dialect;
  }

  read(text: string): void {
    let at = this.#used;
    this.#used = 0;
    while (at < text.length) {
      const next = this.#step(text, at);
      this.#text += text.slice(at, next);
      at = next;
      if (this.#ends) this.#endStatement();
    }
  }

  /** What surrounds a placeholder here, given the text that follows it. */
  mark(following: string): SqlMark {
    const state = this.#state;
    switch (state.kind) {
      case "quotes":
        if (state.quote !== "'") return "quoted_name";
        return state.isEmpty && following.startsWith("'") && !following.startsWith("''") ? "whole_string" : "string";
      case "line_comment":
      case "block_comment":
        return "comment";
      default:
        return state.kind;
    }
  }

  /** Code before the placeholder, and before the quote that it replaces. */
  before(): string {
    return this.#state.kind === "quotes" ? this.#text.slice(0, -1) : this.#text;
  }

  add(piece: SqlPiece): void {
    this.#flushText();
    this.#pieces.push(piece);
    this.#hasCode = true;
    this.#endWord();
  }

  /** In place of the string that has just begun and ends with the next character. */
  replaceString(piece: SqlPiece): void {
    this.#text = this.#text.slice(0, -1);
    this.#state = { kind: "code" };
    this.#used = 1;
    this.add(piece);
  }

  /** Text that is kept as it is, inside a comment. */
  skip(text: string): void {
    this.#text += text;
  }

  end(): SqlScan {
    this.#endWord();
    this.#endStatement();
    return { statements: this.#statements, ownParameter: this.#ownParameter };
  }

  #step(text: string, at: number): number {
    switch (this.#state.kind) {
      case "code":
        return this.#inCode(text, at);
      case "quotes":
        return this.#inQuotes(text, at, this.#state);
      case "line_comment":
        if (text[at] === "\n") this.#state = { kind: "code" };
        return at + 1;
      case "block_comment":
        return this.#inBlockComment(text, at, this.#state.depth);
      case "dollar_quotes":
        return this.#inDollarQuotes(text, at, this.#state.tag);
    }
  }

  #inCode(text: string, at: number): number {
    const character = text[at] ?? "";
    if (text.startsWith("--", at)) return this.#enter({ kind: "line_comment" }, at + 2);
    if (text.startsWith("/*", at)) return this.#enter({ kind: "block_comment", depth: 1 }, at + 2);
    if (/\s/.test(character)) {
      this.#endWord();
      return at + 1;
    }
    if (character === ";") {
      this.#endWord();
      this.#ends = this.#blocks === 0;
      return at + 1;
    }
    this.#hasCode = true;
    if (character === "'" || character === '"' || character === "`") {
      const escapes = character === "'" && this.#word.toLowerCase() === "e";
      return this.#enter({ kind: "quotes", quote: character, escapes, isEmpty: true }, at + 1);
    }
    if (character === "$" && this.#word === "") return this.#dollar(text, at);
    if (character === "?" && this.#dialect.parameterMark === "?") this.#ownParameter = "?";
    if (/[A-Za-z0-9_$]/.test(character)) this.#word += character;
    else this.#endWord();
    return at + 1;
  }

  #dollar(text: string, at: number): number {
    DOLLAR_QUOTE.lastIndex = at;
    const tag = DOLLAR_QUOTE.exec(text)?.[0];
    if (tag !== undefined) return this.#enter({ kind: "dollar_quotes", tag }, at + tag.length);
    PARAMETER.lastIndex = at;
    const parameter = PARAMETER.exec(text)?.[0];
    if (parameter !== undefined && this.#dialect.parameterMark === "$1") this.#ownParameter = parameter;
    this.#word += "$";
    return at + 1;
  }

  #inQuotes(text: string, at: number, state: Quotes): number {
    if (state.escapes && text[at] === "\\") {
      this.#state = { ...state, isEmpty: false };
      return at + 2;
    }
    if (text[at] !== state.quote) {
      this.#state = { ...state, isEmpty: false };
      return at + 1;
    }
    if (text[at + 1] === state.quote) {
      this.#state = { ...state, isEmpty: false };
      return at + 2;
    }
    this.#state = { kind: "code" };
    return at + 1;
  }

  #inBlockComment(text: string, at: number, depth: number): number {
    if (text.startsWith("*/", at)) {
      this.#state = depth === 1 ? { kind: "code" } : { kind: "block_comment", depth: depth - 1 };
      return at + 2;
    }
    if (this.#dialect.nestsComments && text.startsWith("/*", at)) {
      this.#state = { kind: "block_comment", depth: depth + 1 };
      return at + 2;
    }
    return at + 1;
  }

  #inDollarQuotes(text: string, at: number, tag: string): number {
    const end = text.indexOf(tag, at);
    if (end < 0) return text.length;
    this.#state = { kind: "code" };
    return end + tag.length;
  }

  #enter(state: State, next: number): number {
    this.#endWord();
    this.#state = state;
    return next;
  }

  /** `begin … end` and `case … end` hold semicolons of their own in the body of a trigger or routine. */
  #endWord(): void {
    const word = this.#word.toLowerCase();
    this.#word = "";
    if (word === "") return;
    if (this.#firstWord === "") this.#firstWord = word;
    if (this.#firstWord === "create" && ROUTINES.has(word)) this.#definesRoutine = true;
    if (!this.#definesRoutine) return;
    if (word === "begin" || word === "case") this.#blocks += 1;
    if (word === "end" && this.#blocks > 0) this.#blocks -= 1;
  }

  #flushText(): void {
    if (this.#text !== "") this.#pieces.push({ kind: "text", text: this.#text });
    this.#text = "";
  }

  #endStatement(): void {
    if (this.#ends) this.#text = this.#text.slice(0, -1);
    this.#ends = false;
    this.#flushText();
    if (this.#hasCode) this.#statements.push(this.#pieces);
    this.#pieces = [];
    this.#hasCode = false;
    this.#firstWord = "";
    this.#definesRoutine = false;
    this.#blocks = 0;
  }
}

type State =
  | Quotes
  | { readonly kind: "code" }
  | { readonly kind: "line_comment" }
  | { readonly kind: "block_comment"; readonly depth: number }
  | { readonly kind: "dollar_quotes"; readonly tag: string };

interface Quotes {
  readonly kind: "quotes";
  readonly quote: string;
  /** `E'…'`, in which a backslash escapes. */
  readonly escapes: boolean;
  /** Nothing read of its content yet. */
  readonly isEmpty: boolean;
}

const ROUTINES: ReadonlySet<string> = new Set(["trigger", "function", "procedure"]);
const DOLLAR_QUOTE = /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y;
const PARAMETER = /\$\d+/y;
