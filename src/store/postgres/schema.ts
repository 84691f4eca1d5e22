import { BatutaError } from "../../core/problem.ts";
import { sha256Hex } from "../../ports/digest.ts";

/**
 * A schema of one database, and its advisory locks. Those are numbers that all schemas of a database share, so they
 * are made from the name.
 */
export interface Schema {
  readonly name: string;
  /** The gate that all claims pass. */
  readonly gate: bigint;
  /** Held while migrating. */
  readonly migration: bigint;
  /** Class of the locks of single runs. */
  readonly runs: number;
  /** Class of the locks of single pipelines. */
  readonly pipelines: number;
  /** Class of the locks of deployments. */
  readonly deployments: number;
}

export function schemaNamed(name: string): Schema {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new BatutaError("usage", `"${name}" is no name for a schema of PostgreSQL here.`, {
      hint: "Use up to 63 lower-case letters, digits and underscores.",
    });
  }
  return {
    name,
    gate: lockNumber(`${name} gate`),
    migration: lockNumber(`${name} migration`),
    runs: lockClass(`${name} runs`),
    pipelines: lockClass(`${name} pipelines`),
    deployments: lockClass(`${name} deployments`),
  };
}

/** A signed 64-bit number. */
function lockNumber(text: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sha256Hex(`batuta ${text}`).slice(0, 16)}`));
}

/** A signed 32-bit number. */
function lockClass(text: string): number {
  return Number.parseInt(sha256Hex(`batuta ${text}`).slice(0, 8), 16) | 0;
}
