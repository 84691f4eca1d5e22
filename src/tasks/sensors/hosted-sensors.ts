import type { Json } from "../../core/json.ts";
import { checkFiles } from "./check-files.ts";
import { checkHttp } from "./check-http.ts";
import { checkObjects } from "./check-objects.ts";
import { checkRows } from "./check-rows.ts";
import type { HostedContext } from "./hosted-context.ts";

/** By their kinds, how the sensors look that the sensor host asks; it imports this module and nothing of the user's. */
export const hostedSensors = {
  file: hosted(checkFiles),
  "http-ok": hosted(checkHttp),
  "s3-object": hosted(checkObjects),
  "sql-rows": hosted(checkRows),
};

/** A configuration has the form that the function of its kind has made, whatever way it has come. */
function hosted<Config>(check: (context: HostedContext<Config>) => unknown): (context: HostedContext<Json>) => unknown {
  return (context) => check(context as HostedContext<Config>);
}
