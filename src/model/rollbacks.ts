/** What was deployed to a slot (environment, service, instance), and when. */
export type Shipped = {
  /** Of the deployment. */
  readonly key: string;
  /** Equal for equal slots. */
  readonly slot: string;
  /** ms. */
  readonly at: number;
  /** Whether it brings back what ran before, without a word of which deployment was bad. */
  readonly rollback: boolean;
  readonly failed: boolean;
};

/**
 * Keys of the deployments that others undid: what brings back the one before undoes the last one of its slot that was not undone
 * yet. So two of them, one after the other, undo two. One that failed undoes nothing.
 *
 * @param shipped whole slots, in any order
 */
export function undoneIn(shipped: readonly Shipped[]): Set<string> {
  const undone = new Set<string>();
  for (const slot of Map.groupBy(shipped, (one) => one.slot).values()) {
    const standing: string[] = [];
    for (const { key, rollback, failed } of slot.toSorted(byTime)) {
      if (!rollback) standing.push(key);
      else if (!failed) {
        const last = standing.pop();
        if (last !== undefined) undone.add(last);
      }
    }
  }
  return undone;
}

/** At one moment, what is undone comes before what undoes it. */
function byTime(a: Shipped, b: Shipped): number {
  return a.at - b.at || Number(a.rollback) - Number(b.rollback) || (a.key < b.key ? -1 : 1);
}
