import type { Json } from "../../core/json.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import { parseTemplate } from "../../core/template.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { checkOptionNames, durationOf, locatedAt, textOf } from "../../sdk/option-values.ts";
import { defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";
import { checkBodyTemplates } from "./request-body.ts";
import { sendRequest } from "./send-request.ts";

/** A request; placeholders may stand in the URL, the headers and the texts of the body. */
export interface HttpOptions {
  /** A placeholder becomes one part of a path or query, encoded: `https://api.example.com/orders?day={{ ds }}`. */
  readonly url: string;
  /** `GET` when absent, or `POST` when there is a body. */
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON; a text in it that is one placeholder alone becomes its value. */
  readonly body?: Json;
  /** The status codes that are a success; 200 to 299 when absent. */
  readonly expect?: number | readonly number[];
  /** For the whole exchange, such as `"30s"`, the default. */
  readonly timeout?: string | number;
  /** Redirects are an answer like any other unless this is `true`. */
  readonly followRedirects?: boolean;
}

export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** What dependants receive: `body` is parsed when it is JSON, else it is text. */
export interface HttpResult<Body = Json> {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/**
 * Sends one HTTP request. Another status than the expected ones fails the task with the status and the beginning of
 * the answer; 429 and 503 with a `Retry-After` put off the next attempt for that long.
 *
 * @example
 * const rates = task("fetch_rates", http({ url: "https://api.example.com/rates?day={{ ds }}" }));
 * task("notify", http({ url: "https://chat.example.com/hook", body: { text: "{{ ds }} is loaded" } }));
 */
export function http<Body extends Json = Json>(options: HttpOptions): TaskKind<HttpResult<Body>> {
  const at = callSite(http);
  return makeHttp(readOptions(options, at), at);
}

/** What is known of a request when the pipeline file is loaded. */
export interface HttpConfig extends Omit<HttpOptions, "expect" | "timeout"> {
  readonly method: HttpMethod;
  readonly expect?: readonly number[];
  readonly timeoutMs: number;
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
    ...(expect === undefined ? {} : { expect: typeof expect === "number" ? [expect] : expect }),
  };
}

function checkTemplates(url: string, { headers = {}, body }: HttpOptions): void {
  parseTemplate(url);
  for (const value of Object.values(headers)) parseTemplate(value);
  checkBodyTemplates(body);
}
