/** Chance that can be repeated: the same seed gives the same world. */
export type Random = {
  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number below `n`. */
  below(n: number): number;
  pick<T>(items: readonly T[]): T;
  /** Some of the items, in their order. */
  some<T>(items: readonly T[], probability: number): T[];
  shuffled<T>(items: readonly T[]): T[];
};

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    },
    chance: (probability) => random.next() < probability,
    below: (n) => Math.floor(random.next() * n),
    pick: (items) => items[random.below(items.length)]!,
    some: (items, probability) => items.filter(() => random.chance(probability)),
    shuffled(items) {
      const list = [...items];
      for (let at = list.length - 1; at > 0; at -= 1) {
        const other = random.below(at + 1);
        [list[at], list[other]] = [list[other]!, list[at]!];
      }
      return list;
    },
  };
  return random;
}
