import { expect, test } from "vitest";
import { outranks, type StopKind, type StopRequest } from "./stop-request.ts";

test("RS-7: only a stronger wish takes the place of one that stands", () => {
  const kinds: readonly StopKind[] = ["timeout", "cancel", "kill"];
  for (const [strength, kind] of kinds.entries()) {
    expect(outranks(request(kind), undefined)).toBe(true);
    for (const [other, standing] of kinds.entries()) {
      expect(outranks(request(kind), request(standing))).toBe(strength > other);
    }
  }
});

function request(kind: StopKind): StopRequest {
  return { kind, message: "Stop." };
}
