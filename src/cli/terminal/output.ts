import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** One of the two streams a command writes to. */
export interface Output {
  /** A person sees it; otherwise it is a file or a pipe. */
  readonly isTty: boolean;
  /** Width in characters; unbounded where nobody looks. */
  readonly columns: number;
  readonly rows: number;
  readonly colors: Colors;
  /** The reader has gone (`| head`): writing more is in vain, but no error. */
  readonly closed: boolean;
  write(text: string): void;
  /** Resolves when what was written has gone out, or the reader has: who writes much waits for it now and then. */
  flushed(): Promise<void>;
}

/** What `colorsWanted` looks at. */
export interface ColorFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
  /** `--no-color` was given. */
  readonly refused: boolean;
}

/** NO_COLOR wins over FORCE_COLOR, as no-color.org asks; both win over what the stream is. */
export function colorsWanted({ env, isTty, refused }: ColorFacts): boolean {
  if (refused || isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTty && env.TERM !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/**
 * Wraps stdout or stderr of this process. That the reader has gone is remembered, not thrown; `onFailure` is told when
 * something else goes wrong, such as a full disk under a file.
 */
export function processOutput(stream: NodeJS.WriteStream, color: boolean, onFailure: (error: Error) => void): Output {
  let closed = false;
  stream.on("error", (error) => {
    closed = true;
    if (!("code" in error && error.code === "EPIPE")) onFailure(error);
  });
  const isTty = stream.isTTY === true;
  const isClosed = (): boolean => closed || stream.destroyed;
  return {
    isTty,
    get columns() {
      return isTty ? Math.max(stream.columns || COLUMNS_UNKNOWN, COLUMNS_MIN) : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return isTty ? Math.max(stream.rows || ROWS_UNKNOWN, ROWS_MIN) : Number.POSITIVE_INFINITY;
    },
    colors: picocolors.createColors(color),
    get closed() {
      return isClosed();
    },
    write: (text) => {
      if (!isClosed()) stream.write(text);
    },
    flushed: () =>
      new Promise((resolve) => {
        if (isClosed()) resolve();
        else stream.write("", () => resolve());
      }),
  };
}

/** What a terminal that reports no size is taken for; some report 0. */
const COLUMNS_UNKNOWN = 80;
const ROWS_UNKNOWN = 24;
const COLUMNS_MIN = 20;
const ROWS_MIN = 4;
