import { parseReference } from './concern.ts';
import type { EventBody } from './event.ts';
import { tryThingRef } from './keys.ts';
import { refId } from './node.ts';
import { rangeProblem } from './package-match.ts';
import { tryParsePurl, type ParsedPurl } from './purl.ts';
import { isConcrete } from './version-equal.ts';

/** The most sentences about one event; what is over it is counted. */
const MAX_KEPT = 20;

/**
 * What an event says that changes no answer, a sentence each, as far as the event alone tells: it is accepted, because somebody said it,
 * and whoever said it learns of it. The same event always gives the same sentences.
 */
export function effectProblems({ type, data }: EventBody): readonly string[] {
  if (type === 'vulnerability.detected') return bounded(data.affects.flatMap(referenceProblems));
  if (type === 'vulnerability.triaged') return bounded(data.products.flatMap(referenceProblems));
  if (type === 'alias.asserted' || type === 'alias.withdrawn') {
    return aliasProblems(data.alias, data.of);
  }
  return type === 'vulnerability.withdrawn' && data.claims?.length === 0
    ? ["'claims' is empty: nothing was withdrawn. Leave it out to withdraw the whole advisory."]
    : [];
}

/** What an event takes back, to be looked for; null where it takes back nothing. */
export type Withdrawal =
  | { readonly kind: 'claims'; readonly claims: readonly string[] }
  | {
      readonly kind: 'alias';
      readonly claim: string;
      readonly alias: string;
      readonly of: string;
      /** Keys of the two. */
      readonly keys: readonly [string, string];
    }
  | { readonly kind: 'advisory'; readonly vulnerability: string };

export function withdrawalOf({ type, data }: EventBody): Withdrawal | null {
  if (type === 'claim.withdrawn') return { kind: 'claims', claims: [data.claim] };
  if (type === 'vulnerability.withdrawn') {
    return data.claims === undefined
      ? { kind: 'advisory', vulnerability: data.vulnerability }
      : { kind: 'claims', claims: data.claims };
  }
  if (type !== 'alias.withdrawn') return null;
  const { alias, of, claim } = data;
  return { kind: 'alias', claim, alias, of, keys: [nameOf(alias).key, nameOf(of).key] };
}

/** What is wrong with a reference of an advisory or a VEX statement. */
export function referenceProblems(text: string): string[] {
  const reference = parseReference(text);
  if (reference === null) {
    return [`'${cut(text)}' names nothing that can be compared: answers about it are UNKNOWN.`];
  }
  const { thing, range, purl: canonical } = reference;
  const purl = canonical === null ? null : tryParsePurl(canonical);
  if (purl !== null) return packageProblems(purl, range);
  if (thing?.label !== 'Resource' || thing.key.startsWith('urn:cdx:')) return [];
  return [
    `'${cut(text)}' is neither a package URL nor a digest nor a BOM-Link: no component of an SBOM is compared with it.`,
  ];
}

function packageProblems(purl: ParsedPurl, range: string | null): string[] {
  if (range !== null) {
    const problem = rangeProblem(purl.type, range);
    return problem === null ? [] : [`No version is compared with '${cut(range)}': ${problem}`];
  }
  if (purl.version === null || purl.mutable || isConcrete(purl.version)) return [];
  return [
    `'${cut(purl.version)}' is not one version, so whether a version is meant by '${cut(purl.purl)}' is UNKNOWN. Write a range as vers:${purl.type}/>=1.0.0|<1.2.3 in the qualifier 'vers'.`,
  ];
}

function aliasProblems(alias: string, of: string): string[] {
  const [a, b] = [nameOf(alias), nameOf(of)];
  if (refId(a) === refId(b)) return [`'${cut(alias)}' and '${cut(of)}' are one name already.`];
  return [
    [alias, a.label],
    [of, b.label],
  ].flatMap(([text = '', label]) =>
    label === 'Vulnerability' && /^pkg:|:\/\/|^sha\d/i.test(text)
      ? [
          `'${cut(text)}' is taken for the id of an advisory: it is not a digest and not a package URL with a version.`,
        ]
      : [],
  );
}

/** As the handlers of aliases read it: a digest, a version of a package, or else the id of an advisory. */
function nameOf(text: string) {
  const thing = tryThingRef(text);
  return thing?.label === 'Artifact' || thing?.label === 'PackageVersion'
    ? thing
    : { label: 'Vulnerability' as const, key: text };
}

function bounded(sentences: readonly string[]): readonly string[] {
  const all = [...new Set(sentences)];
  if (all.length <= MAX_KEPT) return all;
  return [...all.slice(0, MAX_KEPT), `There are ${all.length - MAX_KEPT} more.`];
}

function cut(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
