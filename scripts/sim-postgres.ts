import { parseArgs } from "node:util";
import { startTestServer } from "../src/store/postgres/server-for-tests.ts";
import type { SeedFailure } from "../src/testing/simulator/campaign.ts";
import { drawHistory } from "../src/testing/simulator/parallel/draw-history.ts";
import { parallelHistory } from "../src/testing/simulator/parallel/parallel-history.ts";
import { readArguments, wholeNumber } from "./script-arguments.ts";

const USAGE = `npm run sim:postgres -- [--seeds 100] [--first 1]   so many histories on a real PostgreSQL

--failures N ends after so many, --json prints a line for each history. --url names a server that is there; else one is
started. A seed says what is tried; how the server interleaves it is another matter each time.`;

const values = readArguments(USAGE, parse);
const server = values.url === undefined ? await startTestServer() : undefined;
try {
  process.exitCode = await hunt(values.url ?? server?.url ?? "");
} finally {
  await server?.stop();
}

function parse() {
  const text = { type: "string" } as const;
  const options = {
    seeds: text,
    first: text,
    failures: text,
    url: text,
    json: { type: "boolean", default: false },
  } as const;
  const { seeds = "100", first = "1", failures, url, json } = parseArgs({ options }).values;
  return {
    ...{ json, url, seeds: wholeNumber("seeds", seeds), first: wholeNumber("first", first) },
    failuresMax: failures === undefined ? Number.POSITIVE_INFINITY : wholeNumber("failures", failures),
  };
}

async function hunt(url: string): Promise<number> {
  const { first, seeds, failuresMax, json } = values;
  const failures: SeedFailure[] = [];
  let seed = first;
  for (; seed < first + seeds && failures.length < failuresMax; seed++) {
    const finding = await parallelHistory(drawHistory(seed), { url, schema: `history_${process.pid}_${seed}` });
    if (finding !== undefined) failures.push({ seed, finding });
    if (json) print(JSON.stringify({ seeds: seed + 1 - first, failed: failures.length, first: failures[0] }));
    else if (finding !== undefined) print(`history ${seed}: ${finding.rule}: ${finding.message}`);
  }
  if (!json) print(`${seed - first} histories from ${first}, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
