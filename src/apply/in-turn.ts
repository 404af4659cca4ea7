/**
 * One after another, the first `count` calls; whatever comes later, at once. What the first batches of a fresh service write is new to
 * the database, which plans each statement: two that wait for plans hold their locks for seconds, and end each other as deadlocks.
 */
export function inTurnAtFirst<A extends unknown[], T>(
  count: number,
  work: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let done = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (...args) => {
    if (done >= count) return work(...args);
    const turn = last.then(async () => work(...args));
    last = turn.then(
      () => (done += 1),
      () => undefined, // whoever asked hears of it
    );
    return turn;
  };
}
