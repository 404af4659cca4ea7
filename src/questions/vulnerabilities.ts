import { rankOf, worstOf, type Severity } from '../model/severity.ts';
import { meantByAdvisory, vexIn } from './advisory.ts';
import { indexDoubt, runBy, sbomsOf } from './evidence.ts';
import type { ImpactItem, ImpactReason, Verdict } from './impact-item.ts';
import { createJudge, type Judge } from './impact.ts';
import { serviceOf } from './incident.ts';
import { missingOf, whatIsMissing } from './missing.ts';
import { unsourcedIn } from './sources.ts';
import { keyOf, type Subgraph } from './subgraph.ts';
import { createLineage } from './walk.ts';

/** An advisory, and what is said of the subjects that it has to do with. */
export type Finding = Pick<Judge, 'meant' | 'matchesOf'> & {
  /** `Vulnerability:key` of the name to call it by: that of CVE, else the least. */
  readonly vulnerability: string;
  /** All of its names, likewise. */
  readonly names: readonly string[];
  /** The worst that is said under any of its names. */
  readonly severity: Severity;
  readonly score: number | null;
  /** Of the subjects with something on a way to them that the advisory means or may mean, whether VEX clears it or not; in the order of the question. */
  readonly items: readonly ImpactItem[];
  /** Services of those that are affected. */
  readonly services: number;
};

/** A subject of which it cannot be told that it has no other vulnerabilities. */
export type Unexamined = {
  readonly subject: string;
  readonly reason: ImpactReason;
  readonly detail: string | null;
};

export type VulnerabilitiesQuestion = {
  /** `Deployment:key`, or `Artifact:key`. */
  readonly subjects: readonly string[];
  /** Why a reference of an advisory leads nowhere, by its key. */
  readonly lost: ReadonlyMap<string, string>;
  readonly truncated: boolean;
};

export type JudgedVulnerabilities = {
  /** Worst first: those that affect something, by severity, score and how many they affect. */
  readonly findings: readonly Finding[];
  readonly unexamined: readonly Unexamined[];
};

/**
 * What is known to be wrong with deployments or artifacts. Of each advisory and subject it says what `judge` says of them, with the same
 * rules, and leaves out what rests on evidence alone: a subject without an SBOM may have any vulnerability, and is said to be unexamined
 * once.
 */
export function judgeVulnerabilities(
  graph: Subgraph,
  { subjects, lost, truncated }: VulnerabilitiesQuestion,
): JudgedVulnerabilities {
  const lineage = createLineage(graph, { history: false });
  const findings = advisoriesIn(graph).flatMap((names): Finding[] => {
    const root = names.find((name) => keyOf(name).startsWith('CVE-')) ?? names[0];
    if (root === undefined) return [];
    const vex = vexIn(graph, names);
    const question = { root, history: false, vex, lost, truncated };
    const { meant, matchesOf, isOnAWay, itemOf } = createJudge(graph, question, lineage);
    const items = subjects.filter(isOnAWay).map(itemOf);
    if (items.length === 0) return [];
    const affected = items.filter(({ verdict }) => verdict === 'AFFECTED');
    const services = new Set(
      affected.flatMap(({ deployment }) => serviceOf(graph, deployment) ?? []),
    );
    const rated = worstOf(names.flatMap((name) => graph.nodes.get(name) ?? []));
    return [
      {
        ...{ vulnerability: root, names, ...rated },
        ...{ items, services: services.size, meant, matchesOf },
      },
    ];
  });
  return {
    findings: findings.sort(worstFirst),
    unexamined: subjects.flatMap((subject) => unexaminedOf(graph, subject, truncated) ?? []),
  };
}

/** All that any advisory in a graph means or may mean, or a VEX statement calls affected. */
export function meantByAny(graph: Subgraph): Set<string> {
  const found = new Set<string>();
  for (const names of advisoriesIn(graph)) {
    const { certain, doubtful } = meantByAdvisory(graph, new Map(names.map((name) => [name, []])));
    const affected = vexIn(graph, names).filter(({ status }) => status === 'affected');
    for (const id of [...certain.keys(), ...doubtful.keys()]) found.add(id);
    for (const { product } of affected) if (graph.nodes.has(product)) found.add(product);
  }
  return found;
}

/** How many of the items have a verdict. */
export function countOf({ items }: Pick<Finding, 'items'>, verdict: Verdict): number {
  return items.filter((item) => item.verdict === verdict).length;
}

/** Every advisory in a graph, each once, with all of its names. */
function advisoriesIn(graph: Subgraph): string[][] {
  const seen = new Set<string>();
  return [...graph.nodes.keys()].flatMap((id) => {
    if (graph.labelOf(id) !== 'Vulnerability' || seen.has(id)) return [];
    const names = graph.aliases(id).sort();
    for (const name of names) seen.add(name);
    return [names];
  });
}

function worstFirst(a: Finding, b: Finding): number {
  const [one, other] = [a, b].map((finding) => countOf(finding, 'AFFECTED'));
  const [here, there] = [one ?? 0, other ?? 0];
  return (
    Number(there > 0) - Number(here > 0) ||
    rankOf(b.severity) - rankOf(a.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    there - here ||
    countOf(b, 'UNKNOWN') - countOf(a, 'UNKNOWN') ||
    (a.vulnerability < b.vulnerability ? -1 : 1)
  );
}

function unexaminedOf(graph: Subgraph, subject: string, truncated: boolean): Unexamined | null {
  if (truncated) return { subject, reason: 'TRUNCATED', detail: null };
  const isDeployment = graph.labelOf(subject) === 'Deployment';
  const things = isDeployment ? [...runBy(graph, subject)] : [subject];
  const reason = isDeployment
    ? whatIsMissing(graph, 'Vulnerability', subject)
    : missingOf(graph, 'Vulnerability', subject);
  if (reason !== null) {
    const [detail = null] = things.flatMap((thing) => indexDoubt(graph, thing) ?? []);
    return { subject, reason, detail };
  }
  for (const document of things.flatMap((thing) => sbomsOf(graph, thing))) {
    const entries = unsourcedIn(graph, document).filter((entry) => entry.split('/').length === 2);
    if (entries.length === 0) continue;
    const detail = `sha256:${keyOf(document)} does not say what the packages of ${entries.join(', ')} are built from: whether an advisory on a source package is about them is not known.`;
    return { subject, reason: 'SOURCE_UNKNOWN', detail };
  }
  return null;
}
