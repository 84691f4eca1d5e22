import type { AssetStore } from "../store/asset-store.ts";
import type { Duty } from "./service.ts";

/** Tells of assets that were not made in time. */
export class AssetKeeper implements Duty {
  readonly name = "asset keeper";
  readonly #store: Pick<AssetStore, "missAssetDeadlines">;
  readonly #pollMs: number;

  /** @param pollMs what others deploy on the same store is seen at the latest after this long */
  constructor(store: Pick<AssetStore, "missAssetDeadlines">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { nextInMs } = await this.#store.missAssetDeadlines();
    return Math.min(nextInMs ?? this.#pollMs, this.#pollMs);
  }
}
