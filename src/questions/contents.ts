import { contentsOf } from './diff.ts';
import { whatIsMissing } from './impact.ts';
import { runBy, sbomState } from './evidence.ts';
import type { Subgraph } from './subgraph.ts';
import { clears, latestVex, type VexStatement } from './vex.ts';

export type ContainedVulnerability = {
  /** The least of its names. */
  readonly vulnerability: string;
  readonly names: readonly string[];
  /** What it affects, of what is inside. */
  readonly affects: readonly string[];
  readonly cleared: boolean;
  readonly vex: VexStatement | null;
};

export type ContentsAnswer = {
  readonly packages: readonly string[];
  readonly vulnerabilities: readonly ContainedVulnerability[];
  readonly complete: boolean;
};

export type ContentsQuestion = {
  readonly root: string;
  readonly vex: readonly VexStatement[];
  /** Whether the graph is only part of what is inside. */
  readonly truncated: boolean;
};

/** What a deployment or artifact has inside. */
export function judgeContents(
  graph: Subgraph,
  { root, vex: statements, truncated }: ContentsQuestion,
): ContentsAnswer {
  const inside = contentsOf(graph, root);
  const affected = new Map<string, Set<string>>();
  for (const id of inside) {
    for (const { from } of graph.into(id, 'AFFECTS')) {
      const name = graph.aliases(from).sort()[0] ?? from;
      const known = affected.get(name);
      if (known === undefined) affected.set(name, new Set([id]));
      else known.add(id);
    }
  }
  const vulnerabilities = [...affected].map(([vulnerability, things]): ContainedVulnerability => {
    const names = graph.aliases(vulnerability).sort();
    const keys = new Set(names.map((name) => name.slice('Vulnerability:'.length)));
    const vex = latestVex(
      graph,
      statements.filter((statement) => keys.has(statement.vulnerability)),
    );
    const affects = [...things].sort();
    // a statement about what runs clears what is inside of it
    const product = [...runBy(graph, root), root].find((id) => vex.has(id));
    const said = affects.flatMap((id) => vex.get(id) ?? []);
    const whole = product === undefined ? undefined : vex.get(product);
    const last = [...said, ...(whole === undefined ? [] : [whole])].sort((a, b) => b.at - a.at)[0];
    const cleared =
      (whole !== undefined && clears(whole)) ||
      (!truncated && said.length === affects.length && said.every(clears));
    return { vulnerability, names, affects, cleared, vex: last ?? null };
  });
  return {
    packages: [...inside]
      .filter((id) => graph.labelOf(id) === 'PackageVersion' && id !== root)
      .sort(),
    vulnerabilities: vulnerabilities.sort((a, b) => (a.vulnerability < b.vulnerability ? -1 : 1)),
    complete:
      !truncated &&
      (graph.labelOf(root) === 'Deployment'
        ? whatIsMissing(graph, 'Package', root) === null
        : sbomState(graph, root) === 'COMPLETE'),
  };
}
