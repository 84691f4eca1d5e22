import { extname } from "node:path";

/** Where the sensor host finds how ready-made sensors look: TypeScript in a clone, JavaScript in a built package. */
export const SENSOR_MODULE = new URL(`../tasks/sensors/hosted-sensors${extname(import.meta.url)}`, import.meta.url)
  .href;
