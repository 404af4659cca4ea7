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
  /** Identity of the event, or the sha256 of the document. */
  readonly event: string;
  /** `Label:key` of the product inside of which it is said; null = everywhere. */
  readonly within: string | null;
};

/** The last words on products. */
export type Vex = {
  /** Product → the last word on it, wherever it is. */
  readonly everywhere: ReadonlyMap<string, VexStatement>;
  /** The last word on a product as a part of another one, or everywhere, whichever is later. */
  lastWord(product: string, container: string): VexStatement | undefined;
  /** Whether something is said of a product only as a part of another one. */
  isScoped(product: string): boolean;
};

/**
 * The latest statement for each product. A product's other names are the product; what is said of a package version holds for its
 * files, and what is said of a package for its versions, unless something later is said of them. What the VEX document of one
 * product says of a component holds inside of that product: elsewhere the same code may be reached.
 */
export function latestVex(graph: Subgraph, statements: readonly VexStatement[]): Vex {
  const everywhere = new Map<string, VexStatement>();
  const inside = new Map<string, Map<string, VexStatement>>();
  for (const statement of statements.toSorted(byTime)) {
    for (const product of productsOf(graph, statement.product)) {
      if (statement.within === null) {
        everywhere.set(product, statement);
        continue;
      }
      const words = inside.get(product) ?? new Map<string, VexStatement>();
      inside.set(product, words);
      for (const container of graph.aliases(statement.within)) words.set(container, statement);
    }
  }
  return {
    everywhere,
    lastWord(product, container) {
      const words = [everywhere.get(product), inside.get(product)?.get(container)];
      return words
        .filter((word) => word !== undefined)
        .sort(byTime)
        .at(-1);
    },
    isScoped: (product) => inside.has(product),
  };
}

function byTime(a: VexStatement, b: VexStatement): number {
  return a.at - b.at || (a.event < b.event ? -1 : a.event > b.event ? 1 : 0);
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
    const files = [
      ...graph.out(id, 'PACKAGED_AS').map(({ to }) => to),
      ...graph.into(id, 'DISTRIBUTION_OF').map(({ from }) => from),
    ];
    for (const alias of files.flatMap((file) => graph.aliases(file))) found.add(alias);
  }
  return found;
}

export function clears({ status }: Pick<VexStatement, 'status'>): boolean {
  return status === 'not_affected' || status === 'fixed';
}
