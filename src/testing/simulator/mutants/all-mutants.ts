import { ATTEMPT_MUTANTS } from "./attempts.ts";
import { DISPATCHING_MUTANTS } from "./dispatching.ts";
import { FOLLOWING_MUTANTS } from "./following.ts";
import { LIMIT_MUTANTS } from "./limits.ts";
import type { Mutant } from "./mutant.ts";
import { OPERATOR_MUTANTS } from "./operators.ts";
import { RETRY_MUTANTS } from "./retries.ts";
import { SESSION_MUTANTS } from "./sessions.ts";

/** Each must be met by the simulator: a mutant that lives shows what it does not look at. */
export const ALL_MUTANTS: readonly Mutant[] = [
  ...ATTEMPT_MUTANTS,
  ...SESSION_MUTANTS,
  ...RETRY_MUTANTS,
  ...FOLLOWING_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...DISPATCHING_MUTANTS,
  ...LIMIT_MUTANTS,
];
