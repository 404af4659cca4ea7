import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import { findGaps, type Gaps } from '../gaps.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { gatherOrigin } from '../gather/origin.ts';
import type { Readers } from '../gather/readers.ts';
import { checkLabel } from './check-label.ts';

/** One thing, or everything that is live in an environment (key, or name in any scope). */
export type GapsSubject = { readonly root: EntityRecord } | { readonly environment: string };

export type GapsRequest = {
  readonly at: Moment;
  /** Look at what builds used as well. */
  readonly materials: boolean;
};

export type GapsAnswer = Gathered & Gaps;

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
  'Build',
]);

/**
 * Where the evidence of an origin ends.
 *
 * @throws StemmaError NOT_FOUND, BAD_USER_INPUT
 */
export async function askGaps(
  readers: Readers,
  subject: GapsSubject,
  { at, materials }: GapsRequest,
): Promise<GapsAnswer> {
  const builder = readers.reader.subgraph(at);
  let roots: { readonly ids: readonly number[]; readonly refs: readonly string[] };
  if ('root' in subject) {
    const { root } = subject;
    checkLabel(root, ASKED_OF, 'of');
    builder.add(root);
    roots = { ids: [root.internal], refs: [refId(root)] };
  } else {
    const environments = [subject.environment];
    const chosen = await gatherDeployments(builder, readers, at, { environments, onlyLive: true });
    roots = { ids: chosen.ids, refs: chosen.keys.map((key) => `Deployment:${key}`) };
  }
  await gatherOrigin(builder, roots.ids, materials);
  const all = await gathered(builder);
  return { ...all, ...findGaps(all.graph, roots.refs, { materials }) };
}
