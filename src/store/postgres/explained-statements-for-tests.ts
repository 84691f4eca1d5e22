import pg from "pg";
import { vi } from "vitest";
import type { TestServer } from "./server-for-tests.ts";

/** What a statement has done, as the server tells it. */
export interface Explained {
  readonly text: string;
  /** Pages of tables and indexes that it has looked at. */
  readonly pages: number;
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedStep {
  readonly kind: string;
  readonly table: string | undefined;
  readonly index: string | undefined;
  readonly rows: number;
}

/** The server, for connections that are told the plan of each of their statements once it has run. */
export function explaining(server: TestServer): TestServer {
  const settings = ["log_min_duration=0", "log_analyze=on", "log_buffers=on", "log_timing=off", "log_format=json"];
  const options = ["session_preload_libraries=auto_explain", ...settings.map((one) => `auto_explain.${one}`)];
  const text = [...options, "auto_explain.log_level=notice"].map((option) => `-c ${option}`).join(" ");
  return { ...server, url: `${server.url}?options=${text}` };
}

/** Collects what connections made from now on are told, until mocks are restored. */
export function collectExplained(): readonly Explained[] {
  const explained: Explained[] = [];
  const { connect } = pg.Client.prototype;
  vi.spyOn(pg.Client.prototype, "connect").mockImplementation(function (this: pg.Client, ...given) {
    this.on("notice", ({ message }) => {
      const [, json] = String(message).split(" plan:\n");
      if (json !== undefined) explained.push(toExplained(JSON.parse(json) as Told));
    });
    return connect.apply(this, given);
  });
  return explained;
}

/** The part of what auto_explain tells that is looked at. */
interface Told {
  readonly "Query Text": string;
  readonly Plan: ToldStep;
}

interface ToldStep {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly Plans?: readonly ToldStep[];
}

function toExplained({ "Query Text": text, Plan: plan }: Told): Explained {
  return { text, pages: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], steps: stepsOf(plan) };
}

function stepsOf(step: ToldStep): readonly ExplainedStep[] {
  const { "Node Type": kind, "Relation Name": table, "Index Name": index } = step;
  const { "Actual Rows": rows, Plans: plans = [] } = step;
  return [{ kind, table, index, rows }, ...plans.flatMap(stepsOf)];
}
