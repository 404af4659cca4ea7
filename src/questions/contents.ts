import { vulnerabilitiesIn, type FoundVulnerability } from './advisory.ts';
import { contentsOf } from './diff.ts';
import { whatIsMissing } from './impact.ts';
import { runBy, sbomState } from './evidence.ts';
import type { Subgraph } from './subgraph.ts';
import { clears, latestVex, type VexStatement } from './vex.ts';

export type ContainedVulnerability = FoundVulnerability & {
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
  const vulnerabilities = vulnerabilitiesIn(graph, inside).map((found): ContainedVulnerability => {
    const keys = new Set(found.names.map((name) => name.slice('Vulnerability:'.length)));
    const vex = latestVex(
      graph,
      statements.filter((statement) => keys.has(statement.vulnerability)),
    );
    const { affects } = found;
    // a statement about what runs clears what is inside of it
    const products = [...runBy(graph, root), root];
    const whole = products.flatMap((id) => vex.everywhere.get(id) ?? [])[0];
    const wordOn = (id: string) =>
      products.flatMap((product) => vex.lastWord(id, product) ?? []).at(-1) ??
      vex.everywhere.get(id);
    const said = affects.flatMap((id) => wordOn(id) ?? []);
    const last = [...said, ...(whole === undefined ? [] : [whole])].sort((a, b) => b.at - a.at)[0];
    const cleared =
      (whole !== undefined && clears(whole)) ||
      (!truncated && affects.length > 0 && said.length === affects.length && said.every(clears));
    return { ...found, cleared, vex: last ?? null };
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
