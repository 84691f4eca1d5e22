import { describe } from "vitest";
import { testAdmission } from "./admission.ts";
import { testClaims } from "./claims.ts";
import { testClearing } from "./clearing.ts";
import { testCompletion } from "./completion.ts";
import { testConcurrency } from "./concurrency.ts";
import { testCreation } from "./creation.ts";
import { testDeadLetters } from "./dead-letters.ts";
import { testGates } from "./gates.ts";
import { testLimits } from "./limits.ts";
import { testMaps } from "./maps.ts";
import { testMarking } from "./marking.ts";
import { testOperatorMatrix } from "./operator-matrix.ts";
import { testOperators } from "./operators.ts";
import { testOutcomes } from "./outcomes.ts";
import { testRandomOperations } from "./random-operations.ts";
import { testReading } from "./reading.ts";
import { testResultCache } from "./result-cache.ts";
import { testRetries } from "./retries.ts";
import { testSessions } from "./sessions.ts";
import { testStalls } from "./stalls.ts";
import type { Subject } from "./subject.ts";
import { testTimeLimits } from "./time-limits.ts";

/** What every store must do. Run by each implementation's own test file on a real database. */
export function testStore(subject: Subject, { histories }: { readonly histories: number }): void {
  describe(`${subject.name}: creating runs`, () => testCreation(subject));
  describe(`${subject.name}: ending attempts`, () => testCompletion(subject));
  describe(`${subject.name}: what follows`, () => testOutcomes(subject));
  describe(`${subject.name}: gates`, () => testGates(subject));
  describe(`${subject.name}: maps`, () => testMaps(subject));
  describe(`${subject.name}: retries`, () => testRetries(subject));
  describe(`${subject.name}: claims`, () => testClaims(subject));
  describe(`${subject.name}: limits`, () => testLimits(subject));
  describe(`${subject.name}: admission`, () => testAdmission(subject));
  describe(`${subject.name}: sessions`, () => testSessions(subject));
  describe(`${subject.name}: operators`, () => testOperators(subject));
  describe(`${subject.name}: clearing`, () => testClearing(subject));
  describe(`${subject.name}: marking and stopping`, () => testMarking(subject));
  describe(`${subject.name}: dead letters`, () => testDeadLetters(subject));
  describe(`${subject.name}: every operator action`, () => testOperatorMatrix(subject));
  describe(`${subject.name}: stalls`, () => testStalls(subject));
  describe(`${subject.name}: time limits`, () => testTimeLimits(subject));
  describe(`${subject.name}: result cache`, () => testResultCache(subject));
  describe(`${subject.name}: reading`, () => testReading(subject));
  describe(`${subject.name}: many connections`, () => testConcurrency(subject));
  describe(`${subject.name}: random operations`, () => testRandomOperations(subject, histories));
}
