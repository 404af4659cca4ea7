import { sourceOf } from '../model/package-match.ts';
import { NAME_ONLY_TYPES, packageName } from '../model/package-name.ts';
import { tryParsePurl } from '../model/purl.ts';
import { isRepackaging, packedFrom, repackagedAs, spellings } from '../model/repackaged.ts';
import { namedLike } from './advisory.ts';
import type { GraphNode } from './subgraph.ts';

/** The type of a package URL, null = any; and a name without its namespace. */
export type SpokenOf = readonly [type: string | null, name: string];

/**
 * Under which names advisories may speak of what is inside of something, beside its own packages: those by which a question about an
 * advisory finds it from the other end (`meantByAdvisory`). A name with capitals that nobody wrote in an SBOM is not found, nor one of
 * more than five parts with several kinds of separators.
 *
 * @param records package versions, packages; others are left out
 */
export function namesSpokenOf(records: readonly GraphNode[]): SpokenOf[] {
  const packages = records.filter(({ label }) => label === 'Package' || label === 'PackageVersion');
  return [
    ...namedLike(packages.map(({ key }) => key)),
    ...packages.flatMap((record) => [...ofOne(record)]),
  ];
}

function* ofOne({ key, name, matchName, sourceName }: GraphNode): Generator<SpokenOf> {
  const purl = tryParsePurl(key);
  if (purl === null || typeof matchName === 'string') {
    // of no ecosystem: it may be any package of its name
    for (const text of [matchName, name, purl?.name]) {
      if (typeof text === 'string') yield* named(null, packageName(text), text);
    }
    if (purl === null) return;
  }
  if (!isRepackaging(purl.type)) {
    for (const type of NAME_ONLY_TYPES) {
      for (const text of new Set([packageName(purl.name), purl.name])) yield [type, text];
    }
    yield* repackagedAs(purl);
    return;
  }
  const source = typeof sourceName === 'string' ? sourceName : sourceOf(purl)?.name;
  for (const packed of new Set([purl.name, source ?? purl.name])) {
    yield [purl.type, packed];
    yield* named(null, packed);
    yield* packedFrom(packed);
  }
}

function* named(type: string | null, ...names: readonly string[]): Generator<SpokenOf> {
  for (const name of new Set(names.flatMap(spellings))) yield [type, name];
}
