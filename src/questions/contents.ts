import { vulnerabilitiesIn, type FoundVulnerability } from './advisory.ts';
import { contentsOf } from './diff.ts';
import { namesInside } from './distributions.ts';
import { whatIsMissing } from './missing.ts';
import { runBy, sbomState, sbomsOf } from './evidence.ts';
import { unsourcedIn } from './sources.ts';
import { keyOf, type Subgraph } from './subgraph.ts';
import { clears, latestVex, type VexStatement } from './vex.ts';

export type ContainedVulnerability = FoundVulnerability & {
  readonly cleared: boolean;
  readonly vex: VexStatement | null;
};

export type Contents = {
  readonly packages: readonly string[];
  readonly vulnerabilities: readonly ContainedVulnerability[];
  readonly complete: boolean;
  /** Documents that describe the thing or what is inside, as `Document:key`, in order. */
  readonly documents: readonly string[];
  /** Sentences. */
  readonly warnings: readonly string[];
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
): Contents {
  const inside = contentsOf(graph, root);
  const { certain, perhaps } = namesInside(graph, inside);
  const vulnerabilities = vulnerabilitiesIn(graph, certain, perhaps).map(
    (found): ContainedVulnerability => {
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
      const last = [...said, ...(whole === undefined ? [] : [whole])].sort(
        (a, b) => b.at - a.at,
      )[0];
      const cleared =
        (whole !== undefined && clears(whole)) ||
        (!truncated && affects.length > 0 && said.length === affects.length && said.every(clears));
      return { ...found, cleared, vex: last ?? null };
    },
  );
  const documents = [...new Set([root, ...inside].flatMap((id) => sbomsOf(graph, id)))].sort();
  return {
    documents,
    warnings: [...sameVersions(graph, documents), ...unsourced(graph, documents)],
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

/** A later version of a serial number replaces the earlier ones; of two that say they are the same, nobody knows which counts. */
function sameVersions(graph: Subgraph, documents: readonly string[]): string[] {
  const named = documents.flatMap((id) => {
    const node = graph.nodes.get(id);
    const [serial, version] = [node?.['serialNumber'], node?.['bomVersion']];
    if (node === undefined || typeof serial !== 'string' || typeof version !== 'number') return [];
    return [{ version: `version ${version} of ${serial}`, key: node.key }];
  });
  return [...Map.groupBy(named, ({ version }) => version)].flatMap(([version, same]) => {
    if (same.length < 2) return [];
    const digests = same.map(({ key }) => `sha256:${key}`).join(', ');
    return [
      `${same.length} different documents are ${version}, and each is counted: ${digests}. Submit a corrected document with a greater version.`,
    ];
  });
}

/** Advisories that name source packages are not found by documents that do not. */
function unsourced(graph: Subgraph, documents: readonly string[]): string[] {
  return documents.flatMap((id) => {
    const entries = unsourcedIn(graph, id).filter((entry) => entry.split('/').length === 2);
    if (entries.length === 0) return [];
    return [
      `sha256:${keyOf(id)} does not say what the packages of ${entries.join(', ')} are built from: whether an advisory on a source package is about them is not known.`,
    ];
  });
}
