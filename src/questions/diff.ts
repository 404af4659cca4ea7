import { vulnerabilitiesIn } from './advisory.ts';
import { indexesOf, isIndex, manifestsOf, runBy } from './evidence.ts';
import type { Subgraph } from './subgraph.ts';
import { createLineage, walk, type Reached, type Step } from './walk.ts';

/** What can differ between two lineages, in the order in which it is listed. */
export const CHANGE_KINDS = [
  'PROVENANCE',
  'SIGNER',
  'BUILDER',
  'REPOSITORY',
  'WORKFLOW',
  'PARAMETER',
  'MATERIAL',
  'COMMIT',
  'PACKAGE',
  'VULNERABILITY',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One difference: only before, only after, or another value. */
export type Change = {
  readonly kind: ChangeKind;
  /** What is compared: an id (`Label:key`), or the name of a parameter. */
  readonly subject: string;
  /** Versions of a package, values of a parameter; the subject itself where it is there or not. Sorted. */
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** Kind → subject → values. */
export type Facts = ReadonlyMap<ChangeKind, ReadonlyMap<string, ReadonlySet<string>>>;

/** What a lineage says of what it is made of and who made it. */
export function factsOf(graph: Subgraph, root: string): Facts {
  const facts = new Map<ChangeKind, Map<string, Set<string>>>();
  const add = (kind: ChangeKind, subject: string, value = subject): void => {
    let bySubject = facts.get(kind);
    if (bySubject === undefined) facts.set(kind, (bySubject = new Map<string, Set<string>>()));
    const values = bySubject.get(subject);
    if (values === undefined) bySubject.set(subject, new Set([value]));
    else values.add(value);
  };
  const own = ownThings(graph, root);
  const contents = contentsOf(graph, root);

  for (const id of contents) {
    if (graph.labelOf(id) === 'PackageVersion' && !own.has(id)) {
      const [of] = graph.out(id, 'VERSION_OF');
      add('PACKAGE', of?.to ?? id, id);
    }
  }
  // one weakness under several names is one
  for (const { vulnerability, affects } of vulnerabilitiesIn(graph, contents)) {
    if (affects.length > 0) add('VULNERABILITY', vulnerability);
  }
  for (const id of own) {
    for (const { to } of graph.out(id, 'SIGNED_BY')) add('SIGNER', to);
    for (const { from } of graph.into(id, 'ATTESTS')) {
      const type = graph.nodes.get(from)?.['predicateType'];
      add('PROVENANCE', typeof type === 'string' ? type : 'attestation');
      for (const { to } of graph.out(from, 'SIGNED_BY')) add('SIGNER', to);
    }
  }
  const commits = new Set<string>();
  for (const id of own) {
    if (graph.labelOf(id) === 'Commit') commits.add(id);
    for (const { to: build } of graph.out(id, 'GENERATED_BY')) {
      for (const { to } of graph.out(build, 'RAN_ON')) add('BUILDER', to);
      for (const { to } of graph.out(build, 'PART_OF')) add('WORKFLOW', to);
      for (const { to } of graph.out(build, 'USED')) add('MATERIAL', to);
      for (const { to } of graph.out(build, 'BUILT_FROM')) commits.add(to);
      for (const [name, value] of parametersOf(graph, build)) add('PARAMETER', name, value);
    }
  }
  const history = createLineage(graph, { history: true });
  for (const [id] of walk([...commits], (at) =>
    history.up(at).filter(({ edges }) => edges[0]?.type === 'PARENT'),
  )) {
    add('COMMIT', id);
  }
  for (const commit of commits) {
    for (const { to } of graph.out(commit, 'IN_REPOSITORY')) add('REPOSITORY', to);
  }
  return facts;
}

/** What differs, by kind and subject. Without differences it is empty; the other way round it is the inverse. */
export function diffFacts(before: Facts, after: Facts): Change[] {
  return CHANGE_KINDS.flatMap((kind) => {
    const [a, b] = [before.get(kind), after.get(kind)];
    const subjects = [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])].sort();
    return subjects.flatMap((subject): Change[] => {
      const [was, is] = [a?.get(subject) ?? NONE, b?.get(subject) ?? NONE];
      const change = { kind, subject, before: without(was, is), after: without(is, was) };
      return change.before.length + change.after.length === 0 ? [] : [change];
    });
  });
}

const NONE: ReadonlySet<string> = new Set();

function without(values: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...values].filter((value) => !others.has(value)).sort();
}

/** What the root runs or is: the things whose origin is the root's origin. */
export function ownThings(graph: Subgraph, root: string): Set<string> {
  const own = new Set(graph.labelOf(root) === 'Deployment' ? runBy(graph, root) : [root]);
  for (const id of own) {
    for (const alias of graph.aliases(id)) own.add(alias);
    for (const manifest of manifestsOf(graph, id)) own.add(manifest);
    // what is said of an image index is said of its manifests
    if (!isIndex(graph, id)) for (const index of indexesOf(graph, id)) own.add(index);
  }
  return own;
}

const CONTENT: ReadonlySet<string> = new Set([
  ...['DEPLOYS', 'RESOLVED_TO', 'CONTAINS', 'PACKAGED_AS', 'SAME_AS'],
]);

/** Whether a step leads between a thing and what is inside of it. */
export function isContent({ edges }: Step): boolean {
  return CONTENT.has(edges[0]?.type ?? '');
}

/** Everything inside, the root among it. */
export function contentsOf(graph: Subgraph, root: string): Set<string> {
  return new Set(contentsReached(graph, root).keys());
}

/**
 * Everything inside, nearest first, and how it is reached from the root.
 *
 * @param lineage of the graph without history, where many are asked about; the root must not be a tag then
 */
export function contentsReached(
  graph: Subgraph,
  root: string,
  lineage = createLineage(graph, { history: false, roots: [root] }),
): Reached {
  return walk([root], (id) => lineage.up(id).filter(isContent));
}

/** Kind of build, trigger, and each top-level parameter, with its value as text. */
function* parametersOf(graph: Subgraph, build: string): Generator<[string, string]> {
  const node = graph.nodes.get(build);
  const [buildType, trigger, parameters] = [
    node?.['buildType'],
    node?.['trigger'],
    node?.['parameters'],
  ];
  if (typeof buildType === 'string') yield ['buildType', buildType];
  if (typeof trigger === 'string') yield ['trigger', trigger];
  if (typeof parameters !== 'string') return;
  let parsed: unknown;
  try {
    parsed = JSON.parse(parameters);
  } catch {
    // cut off where it was too long to keep
    yield ['parameters', parameters];
    return;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    yield ['parameters', parameters];
    return;
  }
  for (const [name, value] of Object.entries(parsed))
    yield [`parameters.${name}`, JSON.stringify(value)];
}

/** What is known of a thing from outside of both lineages. */
export type Novelty = {
  /** Whether anything outside of the newer lineage has to do with it. */
  readonly isFirstSeen: (subject: string) => boolean;
  readonly severityOf: (subject: string) => string | null;
};

export type RankedChange = Change & {
  /** 0 (usual) to 100. */
  readonly score: number;
  readonly why: string;
};

/** The changes, most unusual first. Unlike the diff, a ranking has a direction. */
export function rankChanges(changes: readonly Change[], novelty: Novelty): RankedChange[] {
  return changes
    .map((change) => ({ ...change, ...judge(change, novelty) }))
    .sort(
      (a, b) =>
        b.score - a.score ||
        CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind) ||
        (a.subject < b.subject ? -1 : 1),
    );
}

function judge(
  { kind, subject, before, after }: Change,
  { isFirstSeen, severityOf }: Novelty,
): { score: number; why: string } {
  const added = before.length === 0;
  const removed = after.length === 0;
  switch (kind) {
    case 'PROVENANCE':
      return removed
        ? { score: 100, why: 'Evidence of this kind was there before and is gone.' }
        : { score: 5, why: 'There is evidence of this kind now.' };
    case 'SIGNER':
      if (removed) return { score: 60, why: 'This signer no longer signs.' };
      return isFirstSeen(subject)
        ? { score: 95, why: 'A signer that has signed nothing else so far.' }
        : { score: 50, why: 'Another signer, known from elsewhere.' };
    case 'BUILDER':
      if (removed) return { score: 40, why: 'It is no longer built here.' };
      return isFirstSeen(subject)
        ? { score: 90, why: 'A builder that has built nothing else so far.' }
        : { score: 45, why: 'Another builder, known from elsewhere.' };
    case 'REPOSITORY':
      return { score: added ? 80 : 55, why: 'The source is another repository.' };
    case 'VULNERABILITY':
      if (removed) return { score: 5, why: 'This vulnerability is gone.' };
      return {
        score: SEVERITY_SCORES[severityOf(subject) ?? ''] ?? 50,
        why: 'This vulnerability is new here.',
      };
    case 'WORKFLOW':
      return { score: 25, why: 'It belongs to another workflow.' };
    case 'PARAMETER':
      return { score: 35, why: 'The build was run with other parameters.' };
    case 'MATERIAL':
      return added && isFirstSeen(subject)
        ? { score: 40, why: 'A material that nothing else has used so far.' }
        : { score: 20, why: 'The build used other materials.' };
    case 'PACKAGE':
      if (!added && !removed) return { score: 10, why: 'Another version.' };
      if (added && isFirstSeen(subject))
        return { score: 45, why: 'A package that is nowhere else.' };
      return { score: 15, why: added ? 'A further package.' : 'A package less.' };
    case 'COMMIT':
      return {
        score: 1,
        why: added ? 'A further commit.' : 'A commit that is not in it any more.',
      };
  }
}

const SEVERITY_SCORES: Readonly<Record<string, number>> = {
  critical: 85,
  high: 70,
  medium: 50,
  low: 30,
  none: 10,
};
