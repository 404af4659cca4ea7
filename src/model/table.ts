/** The entry of a table for a text from outside; not what every object has, such as `constructor` and `__proto__`. */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
