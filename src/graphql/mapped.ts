/**
 * What becomes of each item, without those that become null. Unlike a generator that reads from another one, it ends the other at once when it
 * is returned, even while it waits.
 */
export function mapped<T, U>(
  items: AsyncGenerator<T, void, undefined>,
  become: (item: T) => U | null | Promise<U | null>,
): AsyncGenerator<U, void, undefined> {
  return {
    async next() {
      for (;;) {
        const result = await items.next();
        if (result.done === true) return result;
        const value = await become(result.value);
        if (value !== null) return { done: false, value };
      }
    },
    async return() {
      await items.return();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      await items.return();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await items.return();
    },
  };
}
