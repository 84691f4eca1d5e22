/**
 * A repeatable source of chance that splits by name: each component draws from a stream of its own, so that one more
 * draw in one place does not shift any other.
 */
export class Dice {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** The stream of this name. Splitting draws nothing, so its order does not matter. */
  split(name: string | number): Dice {
    return new Dice(mixed(hashOf(String(name), this.#seed)));
  }

  /** 0 to 4,294,967,295. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mixed(this.#state);
  }

  /** [0, 1) */
  fraction(): number {
    return this.bits() / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** Small and large alike: each order of magnitude is equally likely. */
  logUniform(least: number, most: number): number {
    return least * (most / least) ** this.fraction();
  }

  /** Like `logUniform`, rounded, for milliseconds. */
  span(leastMs: number, mostMs: number): number {
    return Math.round(this.logUniform(leastMs, mostMs));
  }

  pick<T>(options: readonly T[]): T {
    const option = options[this.int(0, options.length - 1)];
    if (option === undefined) throw new Error("There is nothing to pick from.");
    return option;
  }

  /** Each with the same probability, in order. */
  some<T>(options: readonly T[], probability: number): readonly T[] {
    return options.filter(() => this.chance(probability));
  }

  /** A name, each as likely as its weight among all. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[];
    const total = names.reduce((sum, name) => sum + weights[name], 0);
    let left = this.fraction() * total;
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return this.pick(names.filter((name) => weights[name] > 0));
  }
}

function mixed(bits: number): number {
  let value = bits >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/** FNV-1a, from a seed. */
export function hashOf(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
