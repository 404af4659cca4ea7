import type { LineageCount, LineageResult } from '../graph/lineage.ts';
import type { PathsResult } from '../graph/paths.ts';
import type { EntityRecord } from '../graph/records.ts';
import type { Compromise, TaintedDeployment } from '../questions/compromise.ts';
import type { ContainedVulnerability, ContentsAnswer } from '../questions/contents.ts';
import type { Change, RankedChange } from '../questions/diff.ts';
import type { Gap, Gaps, Hop } from '../questions/gaps.ts';
import type { ImpactGroup, ImpactItem } from '../questions/impact.ts';
import type { VexStatement } from '../questions/vex.ts';
import type { Evidence } from '../questions/why.ts';
import type { PageInfo } from './pages.ts';
import type { Gathered } from './resolvers/question.ts';

/** What the resolvers of a type are given, where that is not a record of the graph: codegen.ts names these. */

/** An answer with lists: what it is the answer to, which is what the cursors of its lists are good for. */
type Asked = { readonly scope: readonly unknown[] };
/** Something in an answer. */
type Within<T, A = Gathered> = { readonly answer: A; readonly item: T };

export type LineageParent = LineageResult & {
  readonly counts: () => Promise<readonly LineageCount[]>;
  /** Null where nobody asked for it. */
  readonly pageInfo: PageInfo | null;
};

export type PathsParent = PathsResult & {
  readonly from: EntityRecord;
  readonly to: EntityRecord;
  readonly reach: () => Promise<{ readonly nodes: number; readonly depth: number }>;
};

/** What is asked; each field is computed where it is asked for. */
export type StatisticsParent = {
  readonly since: number;
  readonly until: number;
  readonly environment: string | null;
};

/** Names of the advisory that was asked about; none where the question was about something else. */
type Named = { readonly names: readonly string[] };
export type ImpactParent = Gathered &
  Named &
  Asked & { readonly root: EntityRecord; readonly items: readonly ImpactItem[] };
export type ImpactItemParent = Within<ImpactItem, Gathered & Named>;
export type ImpactGroupParent = Within<ImpactGroup, Gathered & Named>;
export type VexParent = VexStatement;
export type EvidenceParent = Evidence;
export type CommitDeploymentsParent = ImpactParent & { readonly commit: EntityRecord };

export type ContentsParent = Gathered & ContentsAnswer & Asked & { readonly root: EntityRecord };
export type ContainedParent = Within<ContainedVulnerability>;

export type DiffParent = Gathered &
  Asked & {
    readonly from: EntityRecord;
    readonly to: EntityRecord;
    readonly changes: readonly Change[];
    readonly ranked: () => Promise<readonly RankedChange[]>;
  };
export type ChangeParent = Within<Change>;

export type CompromiseParent = Gathered & Compromise & Asked & { readonly root: EntityRecord };
export type TaintedParent = Within<TaintedDeployment>;

export type GapsParent = Gathered & Gaps & Asked;
export type GapParent = Within<Gap>;
export type HopParent = Within<Hop>;
