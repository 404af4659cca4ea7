import type { DoubtReason } from './meant.ts';
import type { GraphEdge } from './subgraph.ts';
import type { VexStatement } from './vex.ts';

export type ImpactReason =
  // affected
  | 'REACHED'
  // not affected
  | 'SBOM_WITHOUT_MATCH'
  | 'VEX'
  | 'ORIGIN_WITHOUT_MATCH'
  | 'WITHDRAWN'
  // unknown
  | DoubtReason
  | 'FILE_UNKNOWN'
  | 'REFERENCE_UNRESOLVED'
  | 'NOTHING_STATED'
  | 'DIGEST_ONLY'
  | 'TRUNCATED'
  | 'NOTHING_DEPLOYED'
  | 'UNRESOLVED'
  | 'NO_SBOM'
  | 'SBOM_INCOMPLETE'
  | 'SOURCE_UNKNOWN'
  | 'NO_BUILD'
  | 'NO_BUILDER'
  | 'NO_COMMIT'
  | 'NO_SIGNATURE';

export type Verdict = 'AFFECTED' | 'NOT_AFFECTED' | 'UNKNOWN';

export type ImpactItem = {
  readonly deployment: string;
  readonly verdict: Verdict;
  readonly reason: ImpactReason;
  /** From the deployment to what was asked about; empty where there is none. */
  readonly path: readonly GraphEdge[];
  /** What exactly could not be told, or was compared, as a sentence; null where the reason says all. */
  readonly detail: string | null;
  /** Of AFFECTED: another document about the same thing, which calls itself complete, does not list what this path rests on. */
  readonly disputed: boolean;
  /** Of NOT_AFFECTED by VEX: the statement. */
  readonly vex: VexStatement | null;
};
