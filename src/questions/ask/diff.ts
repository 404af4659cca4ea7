import type { EntityRecord } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import { refId, type NodeLabel } from '../../model/node.ts';
import {
  diffFacts,
  factsOf,
  rankChanges,
  type Change,
  type ChangeKind,
  type RankedChange,
} from '../diff.ts';
import { gatherAdvisories } from '../gather/advisories.ts';
import { gathered, type Gathered } from '../gather/gathered.ts';
import { withLabel } from '../gather/names.ts';
import { gatherOrigin } from '../gather/origin.ts';
import { CONTENT_TYPES } from '../gather/paths.ts';
import type { Readers } from '../gather/readers.ts';
import { checkLabel } from './check-label.ts';

export type DiffAnswer = Gathered & {
  readonly from: EntityRecord;
  readonly to: EntityRecord;
  readonly changes: readonly Change[];
  /** The most suspicious first; read where it is asked for. */
  readonly ranked: () => Promise<readonly RankedChange[]>;
};

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);
/** Of which it is asked whether they are new. */
const NOVEL: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'SIGNER',
  'BUILDER',
  'MATERIAL',
  'PACKAGE',
]);

/**
 * What differs between two things: what is in them, and where they come from.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export async function askDiff(
  readers: Readers,
  { from, to }: Pick<DiffAnswer, 'from' | 'to'>,
  at: Moment,
): Promise<DiffAnswer> {
  checkLabel(from, ASKED_OF, 'from');
  checkLabel(to, ASKED_OF, 'to');
  const before = await gather(readers, from, at);
  const after = refId(from) === refId(to) ? before : await gather(readers, to, at);
  const changes = diffFacts(factsOf(before.graph, refId(from)), factsOf(after.graph, refId(to)));

  const entity = (id: string): EntityRecord =>
    (after.graph.nodes.has(id) ? after : before).entity(id);
  const ranked = async (): Promise<RankedChange[]> => {
    const subjects = changes
      .filter(({ kind, before: was }) => NOVEL.has(kind) && was.length === 0)
      .map(({ subject }) => entity(subject));
    const elsewhere = await readers.reader.seenElsewhere(
      subjects.map(({ internal }) => internal),
      after.ids,
      at,
    );
    const known = new Set(
      subjects.filter(({ internal }) => elsewhere.has(internal)).map((one) => refId(one)),
    );
    return rankChanges(changes, {
      isFirstSeen: (subject) => !known.has(subject),
      severityOf: (subject) => {
        const severity = entity(subject)['severity'];
        return typeof severity === 'string' ? severity : null;
      },
    });
  };
  const truncated = before.truncated || after.truncated;
  return { graph: after.graph, entity, truncated, from, to, changes, ranked };
}

async function gather(
  readers: Readers,
  root: EntityRecord,
  at: Moment,
): Promise<Gathered & { readonly ids: readonly number[] }> {
  const builder = readers.reader.subgraph(at);
  builder.add(root);
  const types = CONTENT_TYPES;
  const walk = { direction: 'up', types, contents: true } as const;
  const inside = [...(await builder.walk([root.internal], walk))];
  await builder.beside(inside, { out: ['VERSION_OF'], into: [] });
  const { follow } = await gatherAdvisories(builder, inside, readers);
  await gatherOrigin(builder, [root.internal], false);
  const builds = await withLabel(builder, 'Build');
  await builder.beside(builds, { out: ['PART_OF'], into: [] });
  await builder.walk(builds, { direction: 'up', types: ['USED', 'BUILT_FROM'], contents: false });
  const commits = await withLabel(builder, 'Commit');
  await builder.beside(commits, { out: ['IN_REPOSITORY'], into: [] });
  await builder.walk(commits, { direction: 'up', types: ['PARENT'], contents: true });
  const all = await gathered(builder, follow);
  return { ...all, ids: builder.ids() };
}
