import type { Subgraph } from './subgraph.ts';

export const VEX_STATUSES = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof VEX_STATUSES)[number];

/** One author's word on whether a vulnerability matters to one product. */
export type VexStatement = {
  readonly vulnerability: string;
  /** `Label:key` of the product. */
  readonly product: string;
  readonly status: VexStatus;
  readonly justification: string | null;
  /** Effective time, ms. */
  readonly at: number;
  /** Identity of the event. */
  readonly event: string;
};

/** Product → the last word on it. */
export type Vex = ReadonlyMap<string, VexStatement>;

/**
 * The latest statement for each product. A product's other names are the product; what is said of a package version holds for its
 * files, and what is said of a package for its versions, unless something later is said of them.
 */
export function latestVex(graph: Subgraph, statements: readonly VexStatement[]): Vex {
  const latest = new Map<string, VexStatement>();
  const sorted = statements.toSorted((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1));
  for (const statement of sorted) {
    for (const product of productsOf(graph, statement.product)) latest.set(product, statement);
  }
  return latest;
}

function productsOf(graph: Subgraph, product: string): Set<string> {
  const found = new Set(graph.aliases(product));
  for (const id of [...found]) {
    for (const { from } of graph.into(id, 'VERSION_OF')) {
      for (const alias of graph.aliases(from)) found.add(alias);
    }
  }
  for (const id of [...found]) {
    if (graph.labelOf(id) !== 'PackageVersion') continue;
    for (const { to } of graph.out(id, 'PACKAGED_AS')) {
      for (const alias of graph.aliases(to)) found.add(alias);
    }
  }
  return found;
}

export function clears({ status }: Pick<VexStatement, 'status'>): boolean {
  return status === 'not_affected' || status === 'fixed';
}
