import { expect, test } from "vitest";
import type { Service } from "./service.ts";

/** The start/stop contract, asked of every service: `make` gives a fresh one each time. */
export function serviceConformance(name: string, make: () => Promise<Service> | Service): void {
  test(`${name} may be started and stopped twice`, async () => {
    const service = await make();
    await service.start();
    await service.start();
    await service.stop();
    await service.stop();
    expect(await settles(service.stop())).toBe(true);
  });

  test(`${name} may be stopped without having been started`, async () => {
    const service = await make();
    expect(await settles(service.stop())).toBe(true);
  });

  test(`${name} survives many starts and stops at the same time`, async () => {
    const service = await make();
    const calls = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? service.start() : service.stop()));
    const results = await Promise.allSettled([...calls, service.stop()]);
    expect(results.filter((result) => result.status === "rejected")).toEqual([]);
  });
}

async function settles(call: Promise<void>): Promise<boolean> {
  await call;
  return true;
}
