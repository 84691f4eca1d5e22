import type { Json } from "../../core/json.ts";
import { BatutaError } from "../../core/problem.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { lookUp, parseTemplate, renderTemplate, type TemplateScope } from "../../core/template.ts";
import { systemClock } from "../../ports/clock.ts";
import { type NetworkResponse, systemNetwork } from "../../ports/network.ts";
import type { TaskContext } from "../../sdk/task-context.ts";
import { templateNames } from "../template-facts.ts";
import type { HttpConfig, HttpResult } from "./http-options.ts";
import { noAnswer } from "./no-answer.ts";
import { fillBody } from "./request-body.ts";
import { retryAfterMs } from "./retry-after.ts";

const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;
const SHOWN_CHARACTERS_MAX = 500;

/**
 * An answer that is no success, as `retryIf` and the log see it.
 *
 * @example
 * task("fetch", { retries: 3, retryIf: ({ errorName }) => errorName === "HttpStatusError" }, http({ url }));
 */
export class HttpStatusError extends Error {
  readonly status: number;
  /** When the server wants to be asked again, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfter: number | undefined) {
    super(message);
    this.name = "HttpStatusError";
    this.status = status;
    this.retryAfterMs = retryAfter;
  }
}

export async function sendRequest<Body>(context: TaskContext, config: HttpConfig): Promise<HttpResult<Body>> {
  const scope = templateNames(context);
  const url = fillUrl(config.url, scope);
  const { method } = config;
  const response = await exchange(context, config, { url, scope });
  context.log.info(`${method} ${url}: ${response.status}, ${response.body.length} bytes`);
  const text = new TextDecoder().decode(response.body);
  if (!isExpected(response.status, config)) throw statusError(response, text, `${method} ${url}`);
  return { status: response.status, headers: response.headers, body: bodyOf<Body>(response, text) };
}

interface Filled {
  readonly url: string;
  readonly scope: TemplateScope;
}

async function exchange(
  { signal }: TaskContext,
  { method, headers = {}, body, timeoutMs, followRedirects = false }: HttpConfig,
  { url, scope }: Filled,
): Promise<NetworkResponse> {
  const filled = Object.entries(headers).map(([name, value]) => [name, renderTemplate(parseTemplate(value), scope)]);
  const content = body === undefined ? undefined : fillBody(body, scope);
  const type = content === undefined || typeof content === "string" ? {} : { "content-type": "application/json" };
  try {
    return await systemNetwork.request({
      url,
      method,
      headers: { ...type, ...Object.fromEntries(filled) },
      ...(content === undefined ? {} : { body: typeof content === "string" ? content : JSON.stringify(content) }),
      followRedirects,
      timeoutMs,
      signal,
      bytesMax: RESPONSE_BYTES_MAX,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw noAnswer(error, `${method} ${url}`, timeoutMs);
  }
}

/** Each placeholder is one part of a path or query, whatever its value holds. */
function fillUrl(url: string, scope: TemplateScope): string {
  const template = parseTemplate(url);
  const parts = template.parts.map((part) => {
    if (part.kind === "literal") return part.text;
    const value = lookUp(template, part, scope);
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    if (text === "." || text === "..") throw climbs(part.name, text);
    return encodeURIComponent(text);
  });
  const filled = parts.join("");
  const parsed = URL.parse(filled);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed.href;
  throw new BatutaError("invalid_template", `${filled} is no web address.`, {
    hint: "Write the scheme and the host in the URL itself: https://api.example.com/orders/{{ params.id }}.",
  });
}

/** Encoding does not help against these two: every client climbs the path by them. */
function climbs(name: string, text: string): BatutaError {
  return new BatutaError("invalid_template", `{{ ${name} }} is "${text}", which would lead to another path.`, {
    hint: "Check the parameter with its schema.",
  });
}

function isExpected(status: number, { expect }: HttpConfig): boolean {
  return expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
}

function statusError({ status, headers }: NetworkResponse, text: string, what: string): HttpStatusError {
  const shown = text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
  const moved = status >= 300 && status < 400 ? ` to ${headers.location ?? "nowhere"} (followRedirects is off)` : "";
  const waits = status === 429 || status === 503;
  const retryAfter = waits ? retryAfterMs(headers["retry-after"], systemClock.wall()) : undefined;
  return new HttpStatusError(status, `${what} answered ${status}${moved}: ${shown || "nothing more"}`, retryAfter);
}

function bodyOf<Body>({ headers }: NetworkResponse, text: string): Body {
  // What the network brings has no type of its own: the user has said which one is expected.
  return (isJson(headers["content-type"]) && text !== "" ? parseJson(text) : text) as Json as Body;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? "");
}
