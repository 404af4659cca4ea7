import { computeDigests, type DigestKind, type Digests } from '../graph/digest.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';

/** Part of two graphs (a label, an edge type, the log) that is not the same in both. */
export type PartDifference = {
  readonly kind: DigestKind;
  readonly part: string;
  readonly source: PartDigest | null;
  readonly target: PartDigest | null;
};
export type PartDigest = { readonly digest: string; readonly count: number };

export type DigestComparison = {
  readonly equal: boolean;
  readonly digests: Readonly<
    Record<'content' | 'full', { readonly source: string; readonly target: string }>
  >;
  readonly parts: readonly PartDifference[];
};

const KINDS = ['content', 'full'] as const;

/** Judges a rebuild: everything that both graphs hold, in the digests of design section 4. */
export async function compareDigests(
  source: Graph,
  target: Graph,
  statements: Statements,
): Promise<DigestComparison> {
  const [one, other] = await Promise.all([
    computeDigests(source, statements, KINDS),
    computeDigests(target, statements, KINDS),
  ]);
  const of = (kind: (typeof KINDS)[number]) => ({
    source: one[kind].digest,
    target: other[kind].digest,
  });
  return {
    equal: KINDS.every((kind) => one[kind].digest === other[kind].digest),
    digests: { content: of('content'), full: of('full') },
    parts: KINDS.flatMap((kind) => differingParts(kind, one[kind], other[kind])),
  };
}

function differingParts(kind: DigestKind, source: Digests, target: Digests): PartDifference[] {
  const names = [...new Set([...Object.keys(source.parts), ...Object.keys(target.parts)])].sort();
  return names
    .map((part) => ({
      ...{ kind, part },
      source: source.parts[part] ?? null,
      target: target.parts[part] ?? null,
    }))
    .filter((one) => one.source?.digest !== one.target?.digest);
}
