import { StemmaError } from '../errors.ts';

/** Names that a message offers. */
const OFFERED = 3;

/** NOT_FOUND, with the nearest names that there are. */
export function unknownName(
  what: string,
  missing: string,
  names: readonly string[],
  path: string,
): StemmaError {
  const near = nearest(missing, names);
  const offer = near.length === 0 ? 'None is known yet.' : `The nearest: ${near.join(', ')}.`;
  return new StemmaError('NOT_FOUND', `There is no ${what} '${missing.slice(0, 120)}'. ${offer}`, {
    details: { path },
  });
}

/** The names that differ least from a text, with or without what stands before the last slash; of equals, as a whole. Pure. */
export function nearest(text: string, names: readonly string[]): string[] {
  const wanted = text.slice(0, 120).toLowerCase();
  return names
    .map((name) => {
      const known = name.toLowerCase().slice(0, 120);
      const whole = edits(wanted, known);
      return { name, whole, far: Math.min(whole, edits(lastPart(wanted), lastPart(known))) };
    })
    .sort((a, b) => a.far - b.far || a.whole - b.whole || (a.name < b.name ? -1 : 1))
    .slice(0, OFFERED)
    .map(({ name }) => name);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
