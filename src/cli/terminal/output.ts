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

/** Wraps stdout or stderr of this process. A closed pipe is remembered, not thrown. */
export function processOutput(stream: NodeJS.WriteStream, color: boolean): Output {
  let closed = false;
  stream.on("error", () => {
    closed = true;
  });
  const isTty = stream.isTTY === true;
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
      return closed || stream.destroyed;
    },
    write: (text) => {
      if (!closed && !stream.destroyed) stream.write(text);
    },
  };
}

/** What a terminal that reports no size is taken for; some report 0. */
const COLUMNS_UNKNOWN = 80;
const ROWS_UNKNOWN = 24;
const COLUMNS_MIN = 20;
const ROWS_MIN = 4;
