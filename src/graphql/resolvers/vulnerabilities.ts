import { refId } from '../../model/node.ts';
import { rankOf, SEVERITIES, type Severity as Rated } from '../../model/severity.ts';
import { askVulnerabilities } from '../../questions/ask/vulnerabilities.ts';
import { toPath } from '../../questions/gather/gathered.ts';
import type { Verdict } from '../../questions/impact-item.ts';
import { countOf } from '../../questions/vulnerabilities.ts';
import { whyOf } from '../../questions/why.ts';
import type {
  FindingResolvers,
  FoundInResolvers,
  Severity,
  QueryVulnerabilityReportArgs,
  UnexaminedResolvers,
  VulnerabilityReportResolvers,
} from '../__generated__/resolvers.ts';
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { pageOf } from '../pages.ts';
import type {
  FindingParent,
  ImpactItemParent,
  UnexaminedParent,
  VulnerabilityReportParent,
} from '../parents.ts';
import { matches } from './incident.ts';

/** Of what was found, the verdicts that somebody has to do something about. */
const OPEN: readonly Verdict[] = ['AFFECTED', 'UNKNOWN'];
const UPPER: Readonly<Record<Rated, Severity>> = {
  ...{ none: 'NONE', low: 'LOW', unknown: 'UNKNOWN' },
  ...{ medium: 'MEDIUM', high: 'HIGH', critical: 'CRITICAL' },
};
const WORST_FIRST: readonly Verdict[] = ['AFFECTED', 'UNKNOWN', 'NOT_AFFECTED'];

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readVulnerabilities(
  { of, asOf }: QueryVulnerabilityReportArgs,
  context: Context,
): Promise<VulnerabilityReportParent> {
  const root = await entityOf('of', of, context);
  const answer = await askVulnerabilities(context, root, await toMoment(asOf, context));
  return { ...answer, scope: ['vulnerabilityReport', refId(root), asOf ?? null] };
}

/** The keys of a list that is in an order of its own. */
const inOrder = <T extends object>(items: readonly T[]) => {
  const places = new Map(items.map((item, at) => [item, String(at).padStart(6, '0')]));
  return (item: T) => places.get(item) ?? '';
};

export const vulnerabilityReport: VulnerabilityReportResolvers = {
  total: ({ subjects }) => subjects.length,
  affectedCount: ({ findings }) => {
    const affected = findings.flatMap(({ items }) =>
      items.flatMap(({ verdict, deployment }) => (verdict === 'AFFECTED' ? [deployment] : [])),
    );
    return new Set(affected).size;
  },
  severities: ({ findings }) => {
    const affecting = findings.filter((finding) => countOf(finding, 'AFFECTED') > 0);
    return SEVERITIES.toReversed().flatMap((severity) => {
      const count = affecting.filter((finding) => finding.severity === severity).length;
      return count === 0 ? [] : [{ severity: UPPER[severity], count }];
    });
  },
  findings(answer, { minSeverity = null, verdicts = null, ...args }, context) {
    const wanted = verdicts ?? OPEN;
    const least = SEVERITIES.find((severity) => UPPER[severity] === minSeverity) ?? 'none';
    const chosen = answer.findings
      .filter(({ severity }) => severity === 'unknown' || rankOf(severity) >= rankOf(least))
      .filter((finding) => wanted.some((verdict) => countOf(finding, verdict) > 0))
      .map((item): FindingParent => ({ answer, item }));
    const scope = [...answer.scope, 'findings', minSeverity, wanted];
    return pageOf(chosen, inOrder(chosen), scope, args, context);
  },
  async finding(answer, { vulnerability }, context) {
    const id = refId(await entityOf('vulnerability', vulnerability, context));
    const item = answer.findings.find(({ names }) => names.includes(id));
    return item === undefined ? null : { answer, item };
  },
  unexamined: (answer, args, context) =>
    pageOf(
      answer.unexamined.map((item): UnexaminedParent => ({ answer, item })),
      ({ item }) => item.subject,
      [...answer.scope, 'unexamined'],
      args,
      context,
    ),
  completeness,
};

export const finding: FindingResolvers = {
  vulnerability: ({ answer, item }) => answer.entity(item.vulnerability),
  names: ({ item }) => item.names.map((name) => name.slice('Vulnerability:'.length)),
  severity: ({ item }) => UPPER[item.severity],
  score: ({ item }) => item.score,
  affectedCount: ({ item }) => countOf(item, 'AFFECTED'),
  clearedCount: ({ item }) => countOf(item, 'NOT_AFFECTED'),
  unknownCount: ({ item }) => countOf(item, 'UNKNOWN'),
  serviceCount: ({ item }) => item.services,
  async foundIn(parent, { subject }, context) {
    const id = refId(await entityOf('subject', subject, context));
    const item = parent.item.items.find(({ deployment }) => deployment === id);
    return item === undefined ? null : { answer: impactOf(parent), item };
  },
  items(parent, args, context) {
    const { answer, item: found } = parent;
    const impact = impactOf(parent);
    const judged = WORST_FIRST.flatMap((verdict) =>
      found.items.filter((item) => item.verdict === verdict),
    ).map((item): ImpactItemParent => ({ answer: impact, item }));
    const scope = [...answer.scope, found.vulnerability, 'items'];
    return pageOf(judged, inOrder(judged), scope, args, context);
  },
};

/** What `impact` would have answered of the vulnerability, as far as it was found in something. */
function impactOf({ answer, item }: FindingParent): ImpactItemParent['answer'] {
  const { meant, matchesOf, names, items, vulnerability } = item;
  const root = answer.entity(vulnerability);
  return { ...answer, meant, matchesOf, names, items, root, onlyLive: false };
}

export const foundIn: FoundInResolvers = {
  subject: ({ answer, item }) => answer.entity(item.deployment),
  verdict: ({ item }) => item.verdict,
  reason: ({ item }) => item.reason,
  path: ({ answer, item }) => toPath(answer, item.deployment, item.path),
  detail: ({ item }) => item.detail,
  vex: ({ item }) => item.vex,
  why: ({ answer, item }) => whyOf(answer.graph, item, answer.names),
  matches,
};

export const unexamined: UnexaminedResolvers = {
  subject: ({ answer, item }) => answer.entity(item.subject),
  reason: ({ item }) => item.reason,
  detail: ({ item }) => item.detail,
};
