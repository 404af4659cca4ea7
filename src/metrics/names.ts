/** What names beyond the limit are counted as. */
export const OTHER = 'other';

const MAX_LENGTH = 100;

/** Keeps the values of a label bounded: the first `limit` names stay what they are, every further one is counted as `other`. */
export function createNames(limit: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= limit || name.length > MAX_LENGTH) return OTHER;
    known.add(name);
    return name;
  };
}
