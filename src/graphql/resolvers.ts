import type { Resolvers } from './__generated__/resolvers.ts';
import { compromise, taintedDeployment } from './resolvers/compromise.ts';
import { connectionTypes } from './resolvers/connections.ts';
import { containedVulnerability, contents } from './resolvers/contents.ts';
import { deadLetter } from './resolvers/dead-letters.ts';
import { dependencyPath, dependencyPaths } from './resolvers/dependency-paths.ts';
import { change, diff } from './resolvers/diff.ts';
import { entityTypes } from './resolvers/entity.ts';
import { event, eventReceipt } from './resolvers/event.ts';
import { eventTypeVersion } from './resolvers/event-types.ts';
import { eventChain } from './resolvers/explore.ts';
import { gap, gapHop, gapReport } from './resolvers/gaps.ts';
import {
  commitDeployments,
  evidence,
  impact,
  impactGroup,
  impactItem,
  vexStatement,
} from './resolvers/impact.ts';
import { gate, gateInputStatus, gateStatus } from './resolvers/gates.ts';
import { impactMatch, introduction, liveFix } from './resolvers/incident.ts';
import { claim, lineage, lineageEdge } from './resolvers/lineage.ts';
import { mutation } from './resolvers/mutation.ts';
import { origin } from './resolvers/origin.ts';
import { path, paths } from './resolvers/paths.ts';
import { query } from './resolvers/query.ts';
import { statistics } from './resolvers/statistics.ts';
import { subscription } from './resolvers/subscription.ts';
import { finding, foundIn, unexamined, vulnerabilityReport } from './resolvers/vulnerabilities.ts';
import { watch } from './resolvers/watches.ts';

/** Every resolver; fields without one are read from the record of that name. */
export const resolvers: Resolvers = {
  Query: query,
  Mutation: mutation,
  Subscription: subscription,
  ...entityTypes,
  ...connectionTypes,
  Event: event,
  EventChain: eventChain,
  EventTypeVersion: eventTypeVersion,
  Statistics: statistics,
  DeadLetter: deadLetter,
  Claim: claim,
  Lineage: lineage,
  LineageEdge: lineageEdge,
  Path: path,
  Paths: paths,
  EventReceipt: eventReceipt,
  Impact: impact,
  ImpactGroup: impactGroup,
  ImpactItem: impactItem,
  ImpactMatch: impactMatch,
  LiveFix: liveFix,
  Introduction: introduction,
  VexStatement: vexStatement,
  Evidence: evidence,
  CommitDeployments: commitDeployments,
  VulnerabilityReport: vulnerabilityReport,
  Finding: finding,
  FoundIn: foundIn,
  Unexamined: unexamined,
  Contents: contents,
  ContainedVulnerability: containedVulnerability,
  Origin: origin,
  DependencyPaths: dependencyPaths,
  DependencyPath: dependencyPath,
  Diff: diff,
  Change: change,
  Compromise: compromise,
  TaintedDeployment: taintedDeployment,
  Gate: gate,
  Watch: watch,
  GateStatus: gateStatus,
  GateInputStatus: gateInputStatus,
  GapReport: gapReport,
  Gap: gap,
  GapHop: gapHop,
  NeighborEdge: { claims: ({ claims }, { first }) => claims.slice(0, first) },
};
