/** Compares two numbers in decimal digits, of whatever length, by their value. */
export function compareDigits(a: string, b: string): number {
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  return left.length - right.length || compareText(left, right);
}

/** Compares two texts by their code units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first difference of two lists, or what the longer one has more; `absent` stands for what a list has not. */
export function compareLists<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (one: T, other: T) => number,
  absent: T,
): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const found = compare(a[at] ?? absent, b[at] ?? absent);
    if (found !== 0) return found;
  }
  return 0;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}
