import canonicalize from 'canonicalize';
import { endingsIn, standingEndings } from '../model/revisions.ts';
import type { Properties } from './fold.ts';

/** A property that is not as the log says; undefined where it should not, or does not, exist. */
export type PropertyDifference = {
  readonly name: string;
  readonly expected: unknown;
  readonly found: unknown;
};

/** One node, edge or event of the graph that is not as the log says. */
export type Difference = {
  readonly what: 'node' | 'edge' | 'event' | 'withdrawal';
  /** `unexpected`: the log says nothing of it. `unreadable`: an event whose body is none any more. */
  readonly kind: 'missing' | 'unexpected' | 'different' | 'unreadable';
  /** Label or edge type. */
  readonly label: string;
  /** Key of a node; `Label:key` of both ends of an edge. */
  readonly key: string;
  /** Of an edge. */
  readonly claim: string | null;
  readonly properties: readonly PropertyDifference[];
};

export type Totals = Readonly<Record<Difference['kind'], number>>;

/** Counts differences and keeps the first of them. */
export function createDifferences(limit: number) {
  const totals = { missing: 0, unexpected: 0, different: 0, unreadable: 0 };
  const first: Difference[] = [];
  return {
    add(difference: Difference): void {
      totals[difference.kind] += 1;
      if (first.length < limit) first.push(difference);
    },
    /** Adds a difference where there is one. */
    compare(of: Omit<Difference, 'kind' | 'properties'>, expected: Properties, found: Properties) {
      const properties = differingProperties(expected, found);
      if (properties.length > 0) this.add({ ...of, kind: 'different', properties });
    },
    totals: (): Totals => ({ ...totals }),
    first: (): readonly Difference[] => first,
  };
}

export type Differences = ReturnType<typeof createDifferences>;

/** Endings are a set: they are compared in the order of the events that made them. */
function differingProperties(expected: Properties, found: Properties): PropertyDifference[] {
  const one = inOrder(expected);
  const other = inOrder(found);
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names
    .filter((name) => one[name] !== other[name] && textOf(one[name]) !== textOf(other[name]))
    .map((name) => ({ name, expected: expected[name], found: found[name] }));
}

function inOrder(properties: Properties): Properties {
  if (!Array.isArray(properties['endBy'])) return properties;
  const endings = standingEndings(endingsIn(properties)).sort((x, y) => (x.by < y.by ? -1 : 1));
  return {
    ...properties,
    endBy: endings.map(({ by }) => by),
    endValid: endings.map(({ validFrom }) => validFrom),
    endKnown: endings.map(({ knownFrom }) => knownFrom),
  };
}

function textOf(value: unknown): string {
  return value === undefined ? '' : (canonicalize(value) ?? '');
}
