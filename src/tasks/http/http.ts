import type { Json } from "../../core/json.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import { parseTaskTemplate } from "../../core/task-template.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { checkOptionNames, durationOf, listOf, locatedAt, textOf } from "../../sdk/option-values.ts";
import { defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";
import type { HttpConfig, HttpOptions, HttpResult } from "./http-options.ts";
import { checkBodyTemplates } from "./request-body.ts";
import { sendRequest } from "./send-request.ts";

/**
 * Sends one HTTP request. Another status than the expected ones fails the task with the status and the beginning of
 * the answer; 429 and 503 with a `Retry-After` put off the next attempt for that long.
 *
 * @example
 * const rates = task("fetch_rates", http({ url: "https://api.example.com/rates?day={{ ds }}" }));
 * task("notify", http({ url: "https://chat.example.com/hook", body: { text: "{{ ds }} is loaded" } }));
 */
export function http<Body = Json>(options: HttpOptions): TaskKind<HttpResult<Body>> {
  const at = callSite(http);
  return makeHttp(readOptions(options, at), at);
}

// What comes over the network has any shape; the user's type argument says which one is meant.
const makeHttp = defineTaskKind<HttpConfig, Promise<HttpResult<never>>>({
  name: "http",
  run: (context, config) => sendRequest<never>(context, config),
});

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OPTION_NAMES = ["url", "method", "headers", "body", "expect", "timeout", "followRedirects"] as const;
const TIMEOUT = "30s";

function readOptions(given: unknown, at: SourceLocation): HttpConfig {
  checkOptionNames<HttpOptions>(given, OPTION_NAMES, "http(…)", at);
  const { expect, timeout = TIMEOUT, ...rest } = given;
  const method = given.method ?? (given.body === undefined ? "GET" : "POST");
  if (!METHODS.includes(method)) {
    throw definitionError(`The method of http(…) is ${String(method)}.`, at, `Write one of ${METHODS.join(", ")}.`);
  }
  locatedAt(at, () => checkTemplates(textOf(given.url, "`url` of http(…)", at), given));
  return {
    ...rest,
    method,
    timeoutMs: durationOf(timeout, "`timeout` of http(…)", at, { min: 1 }),
    ...(expect === undefined ? {} : { expect: statusesOf(expect, at) }),
  };
}

function statusesOf(expect: unknown, at: SourceLocation): readonly number[] {
  const isStatus = (item: unknown): item is number =>
    Number.isInteger(item) && Number(item) >= 100 && Number(item) < 600;
  const hint = "Write a status code, or a list of them: expect: [200, 404].";
  return listOf(Array.isArray(expect) ? expect : [expect], isStatus, { what: "`expect` of http(…)", at, hint });
}

const KNOWN = { known: ["input"] };

function checkTemplates(url: string, { headers = {}, body }: HttpOptions): void {
  parseTaskTemplate(url, KNOWN);
  for (const value of Object.values(headers)) parseTaskTemplate(value, KNOWN);
  checkBodyTemplates(body);
}
