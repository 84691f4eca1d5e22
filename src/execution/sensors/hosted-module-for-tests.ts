import { existsSync, writeFileSync } from "node:fs";
import type { HostedLook } from "./host-messages.ts";

/** What the sensor host is given in tests in place of the ready-made sensors. */
export const hostedSensors = {
  echo: ({ config, memory, connections }: HostedLook) => ({
    config,
    memory: memory ?? null,
    connections,
    pid: process.pid,
  }),
  slow: ({ signal }: HostedLook) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("It was cut off.")))),
  /** Ends the host the first time it looks. */
  dies: ({ config }: HostedLook) => {
    const mark = typeof config === "object" && config !== null && "mark" in config ? String(config.mark) : "";
    if (existsSync(mark)) return "alive";
    writeFileSync(mark, "");
    return process.exit(3);
  },
  "dies-always": () => process.exit(3),
  blocks: () => {
    for (;;);
  },
  large: () => "x".repeat(2_000_000),
};
