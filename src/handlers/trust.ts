import { StemmaError } from '../errors.ts';
import type { EdgeChange } from '../model/change.ts';
import { tryThingRef } from '../model/keys.ts';
import type { NodeRef } from '../model/node.ts';
import { createCollector } from './collector.ts';
import type { Handler } from './handler.ts';

export const aliasAsserted: Handler<'alias.asserted'> = (data) => {
  const changes = createCollector();
  const [a, b] = aliasEnds(data.alias, data.of);
  for (const { type, from, to } of aliasEdges(a, b)) changes.link(type, from, to);
  return changes.finish({ subject: b });
};

export const aliasWithdrawn: Handler<'alias.withdrawn'> = (data) => {
  const [a, b] = aliasEnds(data.alias, data.of);
  return createCollector().finish({
    subject: b,
    edgeEndings: aliasEdges(a, b).map((edge) => ({ ...edge, claim: data.claim })),
  });
};

export const claimWithdrawn: Handler<'claim.withdrawn'> = (data) =>
  createCollector().finish({ endsClaims: [data.claim] });

function aliasEdges(a: NodeRef, b: NodeRef): EdgeChange[] {
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
