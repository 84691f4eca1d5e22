import { ATTEMPT_MUTANTS } from "./attempts.ts";
import { CHILD_MUTANTS } from "./children.ts";
import { CURSOR_MUTANTS } from "./cursors.ts";
import { DEADLINE_MUTANTS } from "./deadlines.ts";
import { DISPATCHING_MUTANTS } from "./dispatching.ts";
import { EVENT_MUTANTS } from "./events.ts";
import { FOLLOWING_MUTANTS } from "./following.ts";
import { LIMIT_MUTANTS } from "./limits.ts";
import { MACHINE_MUTANTS } from "./machine.ts";
import type { Mutant } from "./mutant.ts";
import { OPERATOR_MUTANTS } from "./operators.ts";
import { ORDER_MUTANTS } from "./order.ts";
import { POSTGRES_MUTANTS, POSTGRES_TEST_MUTANTS } from "./postgres.ts";
import { QUESTION_MUTANTS } from "./questions.ts";
import { RETRY_MUTANTS } from "./retries.ts";
import { SCHEDULE_MUTANTS } from "./schedules.ts";
import { SENSOR_MUTANTS } from "./sensors.ts";
import { SESSION_MUTANTS } from "./sessions.ts";
import { TIME_LIMIT_MUTANTS } from "./time-limits.ts";

/** Each must be found by its hunts: a mutant that lives shows what nobody looks at. */
export const ALL_MUTANTS: readonly Mutant[] = [
  ...ATTEMPT_MUTANTS,
  ...SESSION_MUTANTS,
  ...RETRY_MUTANTS,
  ...FOLLOWING_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...DISPATCHING_MUTANTS,
  ...LIMIT_MUTANTS,
  ...ORDER_MUTANTS,
  ...POSTGRES_MUTANTS,
  ...POSTGRES_TEST_MUTANTS,
  ...MACHINE_MUTANTS,
  ...TIME_LIMIT_MUTANTS,
  ...CHILD_MUTANTS,
  ...QUESTION_MUTANTS,
  ...SCHEDULE_MUTANTS,
  ...SENSOR_MUTANTS,
  ...CURSOR_MUTANTS,
  ...EVENT_MUTANTS,
  ...DEADLINE_MUTANTS,
];
