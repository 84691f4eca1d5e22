import type { Json } from "../../core/json.ts";

/** What a subprocess says, one JSON object a line in the file that BATUTA_MESSAGES names. */
export type TaskMessage =
  | { readonly type: "log"; readonly level: string; readonly message: string; readonly fields?: Json }
  | { readonly type: "metric"; readonly name: string; readonly value: Json; readonly unit?: string }
  | { readonly type: "materialisation"; readonly asset?: string; readonly metadata?: Json }
  | {
      readonly type: "check";
      readonly name: string;
      readonly passed: boolean;
      readonly severity: "warn" | "error";
      readonly asset?: string;
      readonly metadata?: Json;
    }
  | { readonly type: "output"; readonly value: Json }
  /** How far a task with a cursor has come. */
  | { readonly type: "cursor"; readonly value: Json }
  | { readonly type: "heartbeat" }
  /** Of a `dagster-pipes` program that is about to end with an error. */
  | { readonly type: "exception"; readonly name?: string; readonly message: string; readonly stack?: string };
