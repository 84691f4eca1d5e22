import type { Json } from "../../core/json.ts";

/**
 * A request; placeholders may stand in the URL, the headers and the texts of the body.
 *
 * @example
 * const hook: HttpOptions = { url: "https://chat.example.com/hook", body: { text: "{{ ds }} is loaded" }, expect: 204 };
 */
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

/**
 * The methods that a request may have.
 *
 * @example
 * http({ url: "https://api.example.com/cache", method: "DELETE" });
 */
export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/**
 * What dependants receive: `body` is parsed when it is JSON, else it is text.
 *
 * @example
 * task("count", { input: { answer } }, ({ input }) => input.answer.body.orders.length);
 */
export interface HttpResult<Body = Json> {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** What is known of a request when the pipeline file is loaded. */
export interface HttpConfig extends Omit<HttpOptions, "expect" | "timeout"> {
  readonly method: HttpMethod;
  readonly expect?: readonly number[];
  readonly timeoutMs: number;
}
