import type { Json } from "../../core/json.ts";
import type { NotYet } from "../../core/sensors/not-yet.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { systemNetwork } from "../../ports/network.ts";
import { notYet } from "../../sdk/not-yet.ts";
import { fatal } from "../../sdk/signals.ts";
import { noAnswer } from "../http/no-answer.ts";
import type { HostedContext } from "./hosted-context.ts";

type UrlPart = string | { readonly name: string; readonly value: Json };

/** What is known of it when the pipeline file is loaded. */
export type HttpOkConfig = {
  readonly url: UrlPart[];
  readonly headers: { readonly [name: string]: string };
  readonly where: { readonly [path: string]: Json };
  readonly expect?: number[];
};

/**
 * The answer that was waited for; `body` is parsed when it is JSON.
 *
 * @example
 * task("load", { input: { answer } }, ({ input }) => input.answer.body);
 */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Json;
}

const RESPONSE_BYTES_MAX = 8 * 1024 * 1024;
/** The poll's own time-out comes first. */
const TIMEOUT_MS = 24 * 60 * 60 * 1000;

export async function checkHttp({ config, signal }: HostedContext<HttpOkConfig>): Promise<HttpAnswer | NotYet> {
  const { headers, expect, where } = config;
  const url = filledUrl(config.url);
  const limits = { timeoutMs: TIMEOUT_MS, signal, bytesMax: RESPONSE_BYTES_MAX };
  const response = await systemNetwork
    .request({ url, method: "GET", headers, followRedirects: true, ...limits })
    .catch((error: unknown) => {
      throw noAnswer(error, `GET ${withoutQuery(url)}`, TIMEOUT_MS);
    });
  const { status } = response;
  const isExpected = expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
  if (!isExpected) return notYet(`it answered ${status}`);
  const text = new TextDecoder().decode(response.body);
  const conditions = Object.entries(where);
  const body = bodyOf(text);
  const open = conditions.find(([path, wanted]) => !isWanted(valueAt(body, path), wanted));
  if (open === undefined) return { status, body };
  const [path] = open;
  return notYet(`${path} is ${shown(valueAt(body, path))}`);
}

function filledUrl(parts: readonly UrlPart[]): string {
  const url = parts.map((part) => (typeof part === "string" ? part : encoded(part.value))).join("");
  const parsed = URL.parse(url);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed.href;
  return fatal(`${url} is no web address.`);
}

/** Queries and names before the host hold what nobody should read in a log. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function encoded(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === "." || text === "..") fatal(`A part of the address is "${text}", which would lead to another path.`);
  return encodeURIComponent(text);
}

function bodyOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

function valueAt(body: Json, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const key of path.split(".")) {
    if (!isHolder(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Of a list, `0` is the first. */
function isHolder(value: Json | undefined): value is { readonly [name: string]: Json | undefined } {
  return typeof value === "object" && value !== null;
}

/** A list means any of its values. */
function isWanted(value: Json | undefined, wanted: Json): boolean {
  const wished: readonly Json[] = Array.isArray(wanted) ? wanted : [wanted];
  return wished.some((one) => JSON.stringify(one) === JSON.stringify(value));
}

function shown(value: Json | undefined): string {
  return value === undefined ? "not there" : JSON.stringify(value).slice(0, 100);
}
