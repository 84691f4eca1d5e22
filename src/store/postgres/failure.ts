import { BatutaError } from "../../core/problem.ts";

/** Tried again from the start, it may well succeed: a deadlock, a conflict, a server that restarts, a lost connection. */
export function isTransient(error: unknown): boolean {
  return isConnectionLoss(error) || TRANSIENT.includes(codeOf(error) ?? "");
}

/** The connection is gone, and with it the answer to what was asked last. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return LOSSES.includes(code) || code.startsWith("08");
  return error instanceof Error && LOSS_MESSAGES.some((message) => error.message.includes(message));
}

/** Gives what a person can act on for what PostgreSQL or the network says; anything else as it is. */
export function explainPostgresFailure(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error instanceof BatutaError) return error;
  const where = withoutPassword(url);
  const code = codeOf(error) ?? "";
  if (code === "53100") {
    return new BatutaError("disk_full", `The disk of the database ${where} is full.`, {
      hint: "Free some space on the database server; nothing that was acknowledged is lost.",
    });
  }
  if (code === "25006") {
    return new BatutaError("read_only", `The database ${where} takes no writes: ${error.message}.`, {
      hint: "Point BATUTA_DATABASE_URL at the primary server, not at a replica.",
    });
  }
  if (code === "42501") {
    return new BatutaError("read_only", `The database ${where} refuses this user: ${error.message}.`, {
      hint: "Grant the user CREATE on the database, or make the schema batuta and give it to the user.",
    });
  }
  if (REFUSED.includes(code)) {
    return new BatutaError("store_unreachable", `The database ${where} refuses the login: ${error.message}.`, {
      hint: "Check user, password and database name in BATUTA_DATABASE_URL.",
    });
  }
  if (code === "55P03") {
    return new BatutaError("conflict", `Another session holds a lock in the database ${where}: ${error.message}.`, {
      hint: "Look for the session that holds it in pg_stat_activity and pg_locks, and end it or let it finish.",
    });
  }
  if (isTransient(error) || UNREACHABLE.includes(code)) {
    return new BatutaError("store_unreachable", `The database ${where} cannot be reached: ${sayWhy(error)}.`, {
      hint: "Check that PostgreSQL runs there and that BATUTA_DATABASE_URL names its host and port.",
    });
  }
  return error;
}

/** For people and logs: a URL as it was given, but for the password. */
export function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== "") parsed.password = "***";
    if (parsed.searchParams.has("password")) parsed.searchParams.set("password", "***");
    return parsed.href;
  } catch {
    return "(the URL cannot be read)";
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return error.code;
}

/** A refused connection to several addresses is an `AggregateError` without a message of its own. */
function sayWhy(error: Error): string {
  return error.message === "" ? (codeOf(error) ?? error.name) : error.message;
}

const TRANSIENT = [
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "55P03", // lock_not_available
  "53300", // too_many_connections
];

const LOSSES = [
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "25P03", // idle_in_transaction_session_timeout
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
];

/** What `pg` says without a code when the connection ends under a query. */
const LOSS_MESSAGES = [
  "Connection terminated",
  "Client has encountered a connection error",
  "Client was closed",
  "timeout exceeded when trying to connect",
  "Query read timeout",
];

const UNREACHABLE = ["ENOTFOUND", "EAI_AGAIN", "57014"];

/** Password, role, database. */
const REFUSED = ["28P01", "28000", "3D000"];
