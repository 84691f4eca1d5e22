import type { Verb } from "../cli.ts";
export const doctor: Verb = {
  declare: (c) => void c.option("--limit <n>", "x"),
  perform: async () => ({ data: 1, text: () => "x" }),
};
