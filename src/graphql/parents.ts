import type {
  DefinedGate,
  GateInputFact,
  GateInputState,
  GateStateRecord,
} from '../model/gates.ts';
import type { EntityRecord } from '../graph/read/records.ts';
import type { CompromiseAnswer } from '../questions/ask/compromise.ts';
import type { ContentsAnswer } from '../questions/ask/contents.ts';
import type { DependencyPathsAnswer } from '../questions/ask/dependency-paths.ts';
import type { DiffAnswer } from '../questions/ask/diff.ts';
import type { GapsAnswer } from '../questions/ask/gaps.ts';
import type { ImpactAnswer } from '../questions/ask/impact.ts';
import type { Introductions } from '../questions/ask/incident.ts';
import type { LineageAnswer } from '../questions/ask/lineage.ts';
import type { OriginAnswer } from '../questions/ask/origin.ts';
import type { VulnerabilitiesAnswer } from '../questions/ask/vulnerabilities.ts';
import type { TaintedDeployment } from '../questions/compromise.ts';
import type { ContainedVulnerability } from '../questions/contents.ts';
import type { DependencyPath } from '../questions/dependency-paths.ts';
import type { Change } from '../questions/diff.ts';
import type { Gap, Hop } from '../questions/gaps.ts';
import type { ImpactGroup } from '../questions/impact-groups.ts';
import type { ImpactItem } from '../questions/impact-item.ts';
import type { Introduction, LiveFix } from '../questions/incident.ts';
import type { Finding, Unexamined } from '../questions/vulnerabilities.ts';
import type { Connection, Counted, PageInfo } from './pages.ts';

/** What the resolvers of a type are given, where that is not a record or an answer as it is: codegen.ts names these. */

/** An answer with lists: what it is the answer to, which is what the cursors of its lists are good for. */
type Asked = { readonly scope: readonly unknown[] };
/** Something in an answer. */
type Within<A, T> = { readonly answer: A; readonly item: T };

export type CountedConnection = Connection<EntityRecord> & Counted;

export type LineageParent = LineageAnswer & {
  /** Null where nobody asked for it. */
  readonly pageInfo: PageInfo | null;
};

export type ImpactParent = ImpactAnswer & Asked;
export type ImpactItemParent = Within<ImpactAnswer, ImpactItem>;
/** Something that is meant, on a way to an item. */
export type ImpactMatchParent = ImpactItemParent & { readonly match: string };
export type LiveFixParent = Within<ImpactAnswer, LiveFix>;
export type IntroductionParent = Within<Introductions, Introduction>;
export type ImpactGroupParent = Within<ImpactAnswer, ImpactGroup>;
export type CommitDeploymentsParent = ImpactParent & { readonly commit: EntityRecord };

export type ContentsParent = ContentsAnswer & Asked;
export type ContainedParent = Within<ContentsAnswer, ContainedVulnerability>;

export type VulnerabilityReportParent = VulnerabilitiesAnswer & Asked;
export type FindingParent = Within<VulnerabilityReportParent, Finding>;
export type UnexaminedParent = Within<VulnerabilityReportParent, Unexamined>;

export type OriginParent = OriginAnswer & Asked;

export type DependencyPathsParent = DependencyPathsAnswer & Asked;
export type DependencyPathParent = Within<
  Pick<DependencyPathsAnswer, 'entity' | 'graph' | 'truncated' | 'root'>,
  DependencyPath
>;

export type DiffParent = DiffAnswer & Asked;
export type ChangeParent = Within<DiffAnswer, Change>;

export type CompromiseParent = CompromiseAnswer & Asked;
export type TaintedParent = Within<CompromiseAnswer, TaintedDeployment>;

export type GapsParent = GapsAnswer & Asked;
export type GapParent = Within<GapsAnswer, Gap>;
export type HopParent = Within<GapsAnswer, Hop>;

/** What a gate knows of a correlation key, with the gate. */
export type GateStatusParent = { readonly defined: DefinedGate; readonly state: GateStateRecord };

/** What is known of an input of a gate. */
export type GateInputStatusParent = {
  readonly name: string;
  readonly state: GateInputState;
  readonly fact: GateInputFact | null;
};
