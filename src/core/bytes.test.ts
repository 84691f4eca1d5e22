import { expect, test } from "vitest";
import { formatBytes, parseBytes } from "./bytes.ts";

test.each([
  ["512 B", 512],
  ["1KiB", 1_024],
  ["512 MiB", 536_870_912],
  ["1.5 GiB", 1_610_612_736],
  ["200 MB", 200_000_000],
  ["2 tib", 2_199_023_255_552],
  [4_096, 4_096],
])("%s is %d bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(["", "512", "512M", "much", "-1 KiB", "1 KiB 2 B", Number.NaN, -1])(
  "%s is refused, with the ways to write it",
  (text) => {
    expect(() => parseBytes(text, "memory limit")).toThrow(
      expect.objectContaining({
        code: "invalid_definition",
        message: expect.stringContaining("memory limit"),
        hint: expect.stringContaining("512 MiB"),
      }),
    );
  },
);

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [1_023, "1023 B"],
  [1_536, "1.5 KiB"],
  [1_048_570, "1.0 MiB"],
  [223_346_688, "213 MiB"],
])("%d bytes read as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
