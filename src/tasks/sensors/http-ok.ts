import type { Json } from "../../core/json.ts";
import type { NotYet } from "../../core/sensors/not-yet.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { checkOptionNames, listOf, locatedAt, textOf } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { checkHttp, type HttpAnswer, type HttpOkConfig } from "./check-http.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";
import { templateParts } from "./template-parts.ts";

/**
 * What `httpOk` asks, and what answer it waits for.
 *
 * @example
 * const ready: HttpOkOptions = { url: "https://api.example.com/days/{{ ds }}", where: { "data.state": "closed" } };
 */
export interface HttpOkOptions {
  /** A placeholder becomes one part of a path or query, encoded. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status codes that mean yes; 200 to 299 when absent. Another answer means not yet. */
  readonly expect?: number | readonly number[];
  /** What the JSON of the answer must hold: path of a field -> its value, or a list of values that will do. */
  readonly where?: Readonly<Record<string, Json>>;
}

/**
 * Waits until a server answers as expected, with what is expected. Its value is the answer.
 *
 * @example
 * task("day_is_closed", httpOk({ url: "https://api.example.com/days/{{ ds }}", where: { state: "closed" } }));
 */
export function httpOk(options: HttpOkOptions, patience: SensorOptions = {}): TaskKind<HttpAnswer> {
  const at = callSite(httpOk);
  checkOptionNames<HttpOkOptions>(options, ["url", "headers", "expect", "where"], "httpOk(…)", at);
  const { url, headers = {}, expect, where = {} } = options;
  if (typeof where !== "object" || where === null || Array.isArray(where)) {
    throw definitionError("`where` of httpOk(…) is no object.", at, 'Write where: { "data.state": "closed" }.');
  }
  const config: HttpOkConfig = {
    url: [...locatedAt(at, () => templateParts(textOf(url, "`url` of httpOk(…)", at)))],
    headers: { ...headers },
    where: { ...where },
    ...(expect === undefined ? {} : { expect: [...statuses(expect, at)] }),
  };
  return askedOf("host", makeHttpOk(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at));
}

const makeHttpOk = defineSensor<HttpOkConfig, Promise<HttpAnswer | NotYet>>({ name: "http-ok", check: checkHttp });

function statuses(given: unknown, at: ReturnType<typeof callSite>): readonly number[] {
  const isStatus = (item: unknown): item is number =>
    Number.isInteger(item) && Number(item) >= 100 && Number(item) < 600;
  const hint = "Write a status code, or a list of them: expect: [200, 204].";
  return listOf(Array.isArray(given) ? given : [given], isStatus, { what: "`expect` of httpOk(…)", at, hint });
}
