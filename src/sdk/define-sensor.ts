import type { PollLook } from "../core/definition.ts";
import type { Json, Jsonify } from "../core/json.ts";
import type { SensorSpec, SourceLocation } from "../core/manifest.ts";
import { checkParamTemplates } from "../core/render-params.ts";
import type { NotYet } from "../core/sensors/not-yet.ts";
import { toJsonText } from "../core/serialize-value.ts";
import { callSite, definitionError } from "./call-site.ts";
import { locatedAt } from "./option-values.ts";
import { readSensorOptions, type SensorOptions } from "./sensor-options.ts";
import type { TaskContext } from "./task-context.ts";
import { checkKindName, type KindBase, readConfig, type TaskKind } from "./task-kind.ts";

/**
 * What one look of a sensor is told: the context of its task, what it was configured with, and what the look before has
 * asked to be told.
 *
 * @example
 * const check = async ({ config, memory }: SensorContext<{ url: string }>) => look(config.url, memory);
 */
export interface SensorContext<Config = Json> extends TaskContext {
  readonly config: Config;
  readonly memory: Json | undefined;
  /** On the same clock as at the look before, wherever that was. */
  readonly now: Date;
}

/**
 * What a sensor gives to what depends on it: all that a look returns but `notYet()` and what counts as that. `true`
 * ends the wait without a value.
 *
 * @example
 * type Files = SensorValue<Promise<string[] | NotYet>>; // string[]
 */
export type SensorValue<R> = Jsonify<Exclude<Awaited<R>, NotYet | false | true | null | undefined | void>>;

/**
 * A kind of sensor: how it looks once.
 *
 * @example
 * const kind: SensorKind<{ topic: string }, Promise<boolean>> = { name: "topic", check: ({ config }) => has(config.topic) };
 */
export interface SensorKind<Config, R> extends KindBase<Config> {
  /**
   * Looks once, and at once. `notYet()`, `false`, `null` and `undefined` mean that it is not there yet; anything else is
   * the value of the task, and `true` ends the wait without one. What throws is counted and tried again; `fatal()` ends
   * it, and `skip()` skips the task.
   */
  readonly check: (context: SensorContext<Config>) => R;
}

/**
 * Makes a kind of sensor: a task that waits until something is there, without holding a slot. The function that comes
 * back takes the configuration, in whose texts `{{ }}` templates may stand, and how patiently it waits. Batuta's own
 * sensors (`file`, `httpOk`, …) are made by this function as well.
 *
 * @example
 * const topicHas = defineSensor({
 *   name: "topic-has",
 *   check: async ({ config }: SensorContext<{ topic: string }>) => (await count(config.topic)) > 0 || notYet("empty"),
 * });
 * task("wait", topicHas({ topic: "orders-{{ ds }}" }, { timeout: "2h" }));
 */
export function defineSensor<Config extends Json, R>(
  kind: SensorKind<Config, R>,
): (config: Config, options?: SensorOptions, at?: SourceLocation) => TaskKind<SensorValue<R>> {
  checkKindName(kind.name, callSite(defineSensor));
  return function make(given, options = {}, at = callSite(make)) {
    const config = readConfig(kind, given, at);
    const what = `${kind.name}(…)`;
    const sensor: SensorSpec = {
      ...{ kind: kind.name, by: "function", config: plainConfig(config, what, at) },
      ...readSensorOptions(options, { what, at, pollTimeout: POLL_TIMEOUT }),
    };
    return locatedAt(at, () => ({
      batuta: "kind",
      kind: kind.name,
      work: {
        via: "sensor",
        sensor,
        poll: (context, look) => kind.check(sensorContext<Config>(context, look)),
      },
      connections: kind.connections?.(config) ?? [],
    }));
  };
}

/** Of a function of the user: what it looks for should answer at once. */
const POLL_TIMEOUT = "5s";

/** Not copied: a context makes its `signal` and its folder only when they are asked for. */
function sensorContext<Config>(context: TaskContext, { config, memory, now }: PollLook): SensorContext<Config> {
  // What was rendered has the form of what was given.
  return Object.create(context, {
    config: { value: config, enumerable: true },
    memory: { value: memory, enumerable: true },
    now: { value: new Date(now), enumerable: true },
  }) as SensorContext<Config>;
}

function plainConfig(config: Json, what: string, at: SourceLocation): Json {
  const text = toJsonText(config);
  if (!text.ok) {
    throw definitionError(
      `The configuration of ${what} is no plain data: ${text.path} ${text.problem}.`,
      at,
      text.hint,
    );
  }
  const plain: Json = JSON.parse(text.json);
  locatedAt(at, () => checkParamTemplates(plain));
  return plain;
}
