/** Where in shell text a placeholder stands. It may be replaced in a word and inside double quotes. */
export type ShellPlace =
  | "word"
  | "double_quotes"
  | "comment"
  | "single_quotes"
  | "here_document"
  | "backticks"
  | "expansion"
  | "arithmetic"
  | "after_backslash"
  | "after_dollar";

/**
 * Reads POSIX shell and bash text as far as is needed to know how each place in it is quoted. It need not judge whether
 * the text is right: a shell does that. Placeholders are told apart from text by the caller: `read` for text between
 * them, `placeholder` at each of them.
 */
export class ShellScanner {
  readonly #frames: Frame[] = [{ kind: "command", parens: 0, cases: 0, closer: "" }];
  readonly #hereDocuments: HereDocument[] = [];
  /** The unquoted word so far. */
  #word = "";
  /** Text since an open `[[`. */
  #test: { text: string; firstPlaceholder: number | undefined } | undefined;
  #placeholders = 0;
  #trailing: "backslash" | "dollar" | "here_document" | undefined;
  /** Number (from 0) of the first placeholder in a `[[ … ]]` that compares numbers. */
  computedPlaceholder: number | undefined;

  read(text: string): void {
    this.#trailing = undefined;
    let at = 0;
    while (at < text.length) at = this.#step(text, at);
  }

  placeholder(): ShellPlace {
    const place = this.#place();
    if (this.#test !== undefined) this.#test.firstPlaceholder ??= this.#placeholders;
    this.#placeholders += 1;
    this.#word += "x";
    return place;
  }

  /** After the last text: judges what never closed. */
  end(): void {
    this.#closeTest();
  }

  #place(): ShellPlace {
    const kinds = this.#frames.map((frame) => frame.kind);
    const top = kinds.at(-1);
    if (top === "comment" || top === "single_quotes" || top === "here_document") return top;
    if (kinds.includes("backticks")) return "backticks";
    if (kinds.includes("arithmetic")) return "arithmetic";
    if (top === "expansion") return "expansion";
    if (this.#trailing === "here_document") return "here_document";
    if (this.#trailing === "backslash") return "after_backslash";
    if (this.#trailing === "dollar") return "after_dollar";
    if (SUBSCRIPT.test(this.#word)) return "arithmetic";
    return top === "double_quotes" ? "double_quotes" : "word";
  }

  /** Reads what stands at `at` and answers where to go on. */
  #step(text: string, at: number): number {
    const frame = this.#frames.at(-1);
    switch (frame?.kind) {
      case "single_quotes":
        return this.#inSingleQuotes(text, at, frame);
      case "here_document":
        return this.#inHereDocument(text, at, frame);
      case "comment":
        return this.#inComment(text, at);
      case "double_quotes":
        return this.#inDoubleQuotes(text, at);
      case "expansion":
        return this.#inExpansion(text, at);
      case "arithmetic":
        return this.#inArithmetic(text, at, frame);
      case "command":
      case "backticks":
        return this.#inCommand(text, at, frame);
      case undefined:
        return text.length;
    }
  }

  #inSingleQuotes(text: string, at: number, { escapes }: SingleQuotes): number {
    if (escapes && text[at] === "\\") return at + 2;
    if (text[at] === "'") this.#frames.pop();
    return at + 1;
  }

  #inComment(text: string, at: number): number {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    this.#frames.pop();
    return end;
  }

  /** Begins at the start of a line: a document begins after a line break and is read line by line. */
  #inHereDocument(text: string, at: number, { delimiter, stripsTabs }: HereDocument): number {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? text.length : end);
    if ((stripsTabs ? line.replace(/^\t+/, "") : line) === delimiter) {
      this.#frames.pop();
      this.#openHereDocument();
    }
    return end < 0 ? text.length : end + 1;
  }

  #inDoubleQuotes(text: string, at: number): number {
    const character = text[at];
    if (character === "\\") return this.#escape(text, at);
    if (character === "`") return this.#open({ kind: "backticks", parens: 0, cases: 0, closer: "`" }, at + 1);
    if (character === "$") return this.#dollar(text, at);
    if (character === '"') this.#frames.pop();
    return at + 1;
  }

  #inExpansion(text: string, at: number): number {
    const character = text[at];
    if (character === "\\") return this.#escape(text, at);
    if (character === "$") return this.#dollar(text, at);
    if (character === '"') return this.#open({ kind: "double_quotes" }, at + 1);
    const isQuoted = this.#frames.at(-2)?.kind === "double_quotes";
    if (character === "'" && !isQuoted) return this.#open({ kind: "single_quotes", escapes: false }, at + 1);
    if (character === "}") this.#frames.pop();
    return at + 1;
  }

  #inArithmetic(text: string, at: number, frame: Arithmetic): number {
    const character = text[at];
    if (character === "$") return this.#dollar(text, at);
    if (character === frame.opener) frame.depth += 1;
    if (character === frame.closer) frame.depth -= 1;
    if (frame.depth === 0) this.#frames.pop();
    return at + 1;
  }

  #inCommand(text: string, at: number, frame: Command): number {
    const character = text[at] ?? "";
    if (this.#test !== undefined) this.#test.text += character;
    if (character === "\\") return this.#escape(text, at);
    if (character === "$") return this.#dollar(text, at);
    if (character === "'") return this.#open({ kind: "single_quotes", escapes: false }, at + 1);
    if (character === '"') return this.#open({ kind: "double_quotes" }, at + 1);
    if (character === "`") return this.#backtick(frame, at);
    if (character === "#" && this.#word === "") return this.#open({ kind: "comment" }, at);
    if (text.startsWith("<<", at)) return this.#redirect(text, at);
    if (character === "(" && text[at + 1] === "(" && this.#word === "") {
      return this.#open({ kind: "arithmetic", opener: "(", closer: ")", depth: 2 }, at + 2);
    }
    if (BREAKS.has(character)) return this.#endWord(character, at, frame);
    this.#word += character;
    return at + 1;
  }

  #endWord(character: string, at: number, frame: Command): number {
    if (this.#word === "case") frame.cases += 1;
    if (this.#word === "esac" && frame.cases > 0) frame.cases -= 1;
    if (this.#word === "[[") this.#test = { text: " ", firstPlaceholder: undefined };
    if (this.#word === "]]") this.#closeTest();
    this.#word = "";
    if (character === "(") frame.parens += 1;
    if (character === ")") this.#closeParenthesis(frame);
    if (character === "\n") this.#openHereDocument();
    return at + 1;
  }

  /** A `)` also ends a pattern of `case`, where it closes nothing. */
  #closeParenthesis(frame: Command): void {
    if (frame.parens > 0) frame.parens -= 1;
    else if (frame.cases === 0 && frame.closer === ")") this.#close();
  }

  /** After a substitution the word that holds it goes on. */
  #close(): void {
    this.#frames.pop();
    this.#word = "x";
  }

  #backtick(frame: Command, at: number): number {
    if (frame.kind !== "backticks") {
      return this.#open({ kind: "backticks", parens: 0, cases: 0, closer: "`" }, at + 1);
    }
    this.#close();
    return at + 1;
  }

  #escape(text: string, at: number): number {
    if (at + 1 >= text.length) this.#trailing = "backslash";
    this.#word += "\\";
    return at + 2;
  }

  #dollar(text: string, at: number): number {
    const quoted = this.#frames.at(-1)?.kind === "double_quotes";
    this.#word += "$";
    if (text.startsWith("((", at + 1)) {
      return this.#open({ kind: "arithmetic", opener: "(", closer: ")", depth: 2 }, at + 3);
    }
    switch (text[at + 1]) {
      case undefined:
        this.#trailing = "dollar";
        return at + 1;
      case "(":
        return this.#open({ kind: "command", parens: 0, cases: 0, closer: ")" }, at + 2);
      case "[":
        return this.#open({ kind: "arithmetic", opener: "[", closer: "]", depth: 1 }, at + 2);
      case "{":
        return this.#open({ kind: "expansion" }, at + 2);
      case "'":
        return quoted ? at + 1 : this.#open({ kind: "single_quotes", escapes: true }, at + 2);
      default:
        return at + 1;
    }
  }

  /** `<<<` takes a word; `<<` announces a here-document that begins after this line. */
  #redirect(text: string, at: number): number {
    this.#word = "";
    if (text.startsWith("<<<", at)) return at + 3;
    HERE_DOCUMENT.lastIndex = at;
    const match = HERE_DOCUMENT.exec(text);
    if (match === null) {
      this.#trailing = "here_document";
      return at + 2;
    }
    const [{ length }, dash, single, double, bare] = match;
    const delimiter = single ?? double ?? bare?.replaceAll("\\", "") ?? "";
    this.#hereDocuments.push({ kind: "here_document", delimiter, stripsTabs: dash === "-" });
    return at + length;
  }

  #openHereDocument(): void {
    const next = this.#hereDocuments.shift();
    if (next !== undefined) this.#frames.push(next);
  }

  #closeTest(): void {
    if (this.#test !== undefined && NUMERIC_TEST.test(this.#test.text)) {
      this.computedPlaceholder ??= this.#test.firstPlaceholder;
    }
    this.#test = undefined;
  }

  #open(frame: Frame, next: number): number {
    if (frame.kind === "command" || frame.kind === "backticks") this.#word = "";
    else if (frame.kind !== "comment") this.#word += "x";
    this.#frames.push(frame);
    return next;
  }
}

type Frame =
  | Command
  | SingleQuotes
  | HereDocument
  | Arithmetic
  | { readonly kind: "double_quotes" }
  | { readonly kind: "comment" }
  | { readonly kind: "expansion" };

interface Command {
  readonly kind: "command" | "backticks";
  /** Open subshells. */
  parens: number;
  /** Open `case` commands. */
  cases: number;
  /** What ends it; empty for the text itself. */
  readonly closer: "" | ")" | "`";
}

interface SingleQuotes {
  readonly kind: "single_quotes";
  /** `$'…'`, in which a backslash escapes. */
  readonly escapes: boolean;
}

interface HereDocument {
  readonly kind: "here_document";
  readonly delimiter: string;
  /** `<<-` */
  readonly stripsTabs: boolean;
}

interface Arithmetic {
  readonly kind: "arithmetic";
  readonly opener: "(" | "[";
  readonly closer: ")" | "]";
  depth: number;
}

const BREAKS: ReadonlySet<string> = new Set([" ", "\t", "\n", ";", "&", "|", "(", ")", "<", ">"]);
const HERE_DOCUMENT = /<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|((?:\\.|[^\s\\'"<>|&;()`$])+))/y;
/** `name[…`: an index of an array, which a shell computes. */
const SUBSCRIPT = /^[A-Za-z_][A-Za-z0-9_]*\[[^\]]*$/;
const NUMERIC_TEST = /\s-(?:eq|ne|lt|le|gt|ge|v|t)\s/;
