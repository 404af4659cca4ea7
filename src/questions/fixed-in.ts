import { isVexStatus, type Concern } from '../model/concern.ts';
import { packageMatcher } from '../model/package-match.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { isUnreleased } from '../model/unreleased.ts';
import { readVers } from '../model/vers.ts';
import { fullVersion } from '../model/version-equal.ts';
import { versionOrder } from '../model/version-order.ts';
import { concernsOf } from './advisory.ts';
import { keyOf, type Subgraph } from './subgraph.ts';

/**
 * The first version above the one of a package version that an advisory no longer affects: where a range that is about the package ends
 * (`<1.2.3`), unless something else that is said of the advisory has that version in it or cannot be compared with it. Null where nobody
 * states one, or the versions cannot be put in order.
 *
 * @param names of the advisory
 * @param id of the package version
 */
export function fixedIn(graph: Subgraph, names: readonly string[], id: string): string | null {
  const component = tryParsePurl(keyOf(id));
  const current = component === null ? null : fullVersion(component);
  const order = component === null ? null : versionOrder(component.type);
  if (component === null || current === null || order === null || isUnreleased(current))
    return null;
  const concerns = statementsOf(graph, names);
  const isStillIn = concerns.map(({ purl, range }) => packageMatcher({ purl, range }));
  const isAbove = (version: string) => (order(version, current) ?? 0) > 0;
  const isFixed = (version: string) => {
    const later = withVersion(component, version);
    return isStillIn.every((match) => match(later).result === 'NO');
  };
  const ends = concerns
    .filter(({ purl }) => isAboutPackage(purl, component))
    .flatMap(({ range }) => (range === null ? [] : endsOf(range)));
  const fixed = [...new Set(ends)].filter((version) => isAbove(version) && isFixed(version));
  return fixed.sort((a, b) => order(a, b) ?? 0)[0] ?? null;
}

type Statement = { readonly purl: ParsedPurl } & Pick<Concern, 'range'>;

/** What is said of packages, but for VEX. */
function statementsOf(graph: Subgraph, names: readonly string[]): Statement[] {
  const found = new Map<string, Statement>();
  for (const edge of names.flatMap((name) => graph.out(name, 'CONCERNS'))) {
    for (const { concern } of concernsOf(edge)) {
      const purl = concern.purl === null ? null : tryParsePurl(concern.purl);
      if (purl === null || isVexStatus(concern.status)) continue;
      found.set(JSON.stringify([purl.purl, concern.range]), { purl, range: concern.range });
    }
  }
  return [...found.values()];
}

/** Whether a statement is about the very package, and not only about a source or another distribution of it. */
function isAboutPackage(purl: ParsedPurl, component: ParsedPurl): boolean {
  return packageMatcher({ purl: { ...purl, version: null } })(component).result === 'YES';
}

function endsOf(range: string): string[] {
  const vers = readVers(range);
  if ('problem' in vers) return [];
  return vers.constraints
    .filter(({ comparator }) => comparator === '<')
    .map(({ version }) => version);
}

/** The epoch of a bound is part of its text. */
function withVersion(purl: ParsedPurl, version: string): ParsedPurl {
  const qualifiers = { ...purl.qualifiers };
  delete qualifiers['epoch'];
  return { ...purl, version, qualifiers };
}
