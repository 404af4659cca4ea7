import { StemmaError } from '../errors.ts';
import type { EdgeChange } from '../model/change.ts';
import { algorithmOf, identifiesContent } from '../model/digest.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { tryThingRef } from '../model/keys.ts';
import { refId, type NodeRef } from '../model/node.ts';
import { createCollector } from './collector.ts';
import type { Handler } from './handler.ts';

export const aliasAsserted: Handler<'alias.asserted'> = (data) => {
  const changes = createCollector();
  const [a, b] = aliasEnds(data.alias, data.of);
  // an event of a log that was written before such were refused says nothing
  const edges = areTwoContents(a, b) ? [] : aliasEdges(a, b);
  for (const { type, from, to } of edges) changes.link(type, from, to);
  return changes.finish({ subject: b });
};

/**
 * Refuses an alias that nobody can believe: two digests of one strong algorithm are two contents, whoever says otherwise.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export function checkAlias({ alias, of }: EventData<'alias.asserted'>): void {
  const [a, b] = aliasEnds(alias, of);
  if (!areTwoContents(a, b)) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'${alias}' and '${of}' are digests of two different contents, so that neither is another name of the other: name a digest of another algorithm, or state artifact.created with 'derivedFrom' where one was made from the other.`,
  );
}

export const aliasWithdrawn: Handler<'alias.withdrawn'> = (data) => {
  const [a, b] = aliasEnds(data.alias, data.of);
  return createCollector().finish({
    subject: b,
    edgeEndings: aliasEdges(a, b).map((edge) => ({ ...edge, claim: data.claim })),
  });
};

export const claimWithdrawn: Handler<'claim.withdrawn'> = (data) =>
  createCollector().finish({ endsClaims: [data.claim] });

function areTwoContents(a: NodeRef, b: NodeRef): boolean {
  return (
    [a, b].every(({ label, key }) => label === 'Artifact' && identifiesContent(key)) &&
    a.key !== b.key &&
    algorithmOf(a.key) === algorithmOf(b.key)
  );
}

/** None where both are one name: a thing is itself without anybody's word. */
function aliasEdges(a: NodeRef, b: NodeRef): EdgeChange[] {
  if (refId(a) === refId(b)) return [];
  const type = a.label === b.label ? 'SAME_AS' : 'PACKAGED_AS';
  return [
    { type, from: a, to: b },
    { type, from: b, to: a },
  ];
}

/** Two digests, two purls, two advisories, or a digest and a purl. */
function aliasEnds(alias: string, of: string): readonly [NodeRef, NodeRef] {
  const a = aliasRef(alias);
  const b = aliasRef(of);
  const labels = [a.label, b.label].sort().join();
  if (a.label !== b.label && labels !== 'Artifact,PackageVersion') {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'${alias}' (${a.label}) cannot be another name of '${of}' (${b.label}): give two digests, two package URLs, two advisory ids, or a digest and a package URL.`,
    );
  }
  return [a, b];
}

function aliasRef(text: string): NodeRef {
  const thing = tryThingRef(text);
  return thing?.label === 'Artifact' || thing?.label === 'PackageVersion'
    ? thing
    : { label: 'Vulnerability', key: text };
}
