import { TRUST_LEVELS, type EdgeType, type Trust } from '../../model/edge.ts';
import { isNow, NOW, type Moment } from '../../model/moment.ts';
import { identifiesContent } from '../../model/digest.ts';
import { isOneFile } from '../../model/file-edges.ts';
import type { NodeLabel, NodeRef } from '../../model/node.ts';
import { int, type Parameters } from '../driver.ts';

export type Direction = 'UPSTREAM' | 'DOWNSTREAM';

/** What a walk may follow. */
export type LineageScope = {
  readonly direction: Direction | 'BOTH';
  /** Null = no bound. */
  readonly maxDepth: number | null;
  /** From commit to parent commit as well; of no effect beside `edgeTypes`. */
  readonly throughHistory: boolean;
  /** Only these; null or left out = those of lineage (design section 4). */
  readonly edgeTypes?: readonly EdgeType[] | null;
  /** Left out: now. */
  readonly at?: Moment;
  /** Only claims that are believed at least so far; left out: any. */
  readonly minTrust?: Trust;
};

/** What tells the statements of a scope from those of others. */
type Follow = 'plain' | 'history' | 'typed';

/** One direction of a scope, as the statements know it. */
export type Traversal = {
  readonly direction: Direction;
  readonly follow: Follow;
  readonly parameters: Parameters;
};

export function traversalsOf(scope: LineageScope): Traversal[] {
  const directions: readonly Direction[] =
    scope.direction === 'BOTH' ? ['UPSTREAM', 'DOWNSTREAM'] : [scope.direction];
  const parameters = { ...momentOf(scope), types: scope.edgeTypes ?? null };
  const follow = followOf(scope);
  return directions.map((direction) => ({ direction, follow, parameters }));
}

function followOf({ edgeTypes, throughHistory }: LineageScope): Follow {
  if (edgeTypes !== null && edgeTypes !== undefined) return 'typed';
  return throughHistory ? 'history' : 'plain';
}

/** `$valid`, `$known`, `$minTrust`, and `$now`: true where these three leave out no claim but those that were ended. */
export function momentOf({
  at = NOW,
  minTrust = 'INVALID',
}: Pick<LineageScope, 'at' | 'minTrust'>) {
  const rank = TRUST_LEVELS.indexOf(minTrust);
  return {
    valid: int(at.valid),
    known: int(at.known),
    minTrust: int(rank),
    now: isNow(at) && rank === 0,
  };
}

/**
 * The first step of a question that lineage alone would not take: from what is only context, or from a name that several files may
 * have to those files. Null for everything else.
 */
export function firstStepOf({ label, key }: NodeRef): 'context' | 'naming' | null {
  if (CONTEXT_LABELS.has(label)) return 'context';
  const isShared =
    (label === 'PackageVersion' && !isOneFile(key)) ||
    (label === 'Artifact' && !identifiesContent(key));
  return isShared ? 'naming' : null;
}

/** Labels that lineage never walks through: a question that starts at one takes its context edges as the first step. */
const CONTEXT_LABELS: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Builder',
  'Repository',
  'Package',
  'Vulnerability',
  'Environment',
  'Service',
  'Identity',
  'Attestation',
  'Document',
  'Workflow',
  'Step',
  'Agent',
]);
