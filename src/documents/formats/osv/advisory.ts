import { stated } from '../../../model/change.ts';
import { concernEdges, type StatedConcern } from '../../../model/concern-edges.ts';
import { parseReference, type Reference } from '../../../model/concern.ts';
import type { NodeRef } from '../../../model/node.ts';
import { packageMatcher, rangeProblem } from '../../../model/package-match.ts';
import { tryParsePurl, type ParsedPurl } from '../../../model/purl.ts';
import { withVersion } from '../../../model/purl-text.ts';
import { baseScore } from '../../../model/cvss.ts';
import { ratingOf } from '../../../model/severity.ts';
import { identifierProblem } from '../../../model/text.ts';
import { boundOrder, versionOrder } from '../../../model/version-order.ts';
import { createChanges } from '../../changes.ts';
import {
  asArray,
  asObject,
  asText,
  asTime,
  clip,
  malformed,
  objectsOf,
  type JsonObject,
} from '../../json.ts';
import { warningsFacet, type Warnings } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';
import { packageOf, type AffectedPackage } from '../../ecosystems.ts';
import { constraintsOf, lastKnownOf, versionLists, versionText } from './ranges.ts';

/** Longest list of versions in one range, in characters (a range may have 4096). */
const LONGEST_LIST = 3_500;
const SEVERITIES = new Set(['none', 'low', 'medium', 'high', 'critical']);

/** @see https://ossf.github.io/osv-schema/ */
export function isOsv(value: JsonObject): boolean {
  const { id, modified, affected, schema_version: version } = value;
  if (typeof id !== 'string' || typeof modified !== 'string') return false;
  return (
    typeof version === 'string' ||
    Array.isArray(affected) ||
    typeof value['withdrawn'] === 'string' ||
    Array.isArray(value['aliases'])
  );
}

/**
 * What an OSV record says: which versions of which packages its vulnerability affects, under which other ids it is known. A later
 * record of the same id (`modified`) replaces it, in whatever order they come; one that is withdrawn ends it.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where it has no usable id, or no time
 */
export function parseOsv(
  value: JsonObject,
  { sha256, size, warnings }: ParseOptions,
  format = 'osv',
): ParsedDocument {
  const changes = createChanges(warnings);
  const id = asText(value['id']) ?? '';
  const problem = identifierProblem(id);
  if (problem !== null) throw malformed(`The id of the OSV record ${problem}.`);
  const modified = asTime(value['modified']);
  if (modified === null) {
    throw malformed(
      `'modified' of the OSV record ${clip(id, 80)} is not an RFC 3339 time such as 2026-11-21T10:00:00Z: which of its versions is the newest cannot be told.`,
    );
  }
  const withdrawnAt = withdrawalIn(value, modified);
  const vulnerability = changes.state('Vulnerability', id, {
    summary: stated({ summary: summaryOf(value), ...severityOf(value), url: urlOf(value) }),
    published: stated({ publishedAt: asTime(value['published']) }),
    withdrawn: { withdrawnAt },
  });
  const series = { series: 'osv', stater: id };
  for (const alias of aliasesOf(value, id)) {
    const other: NodeRef = changes.refer('Vulnerability', alias);
    changes.link('SAME_AS', vulnerability, other, series);
    changes.link('SAME_AS', other, vulnerability, series);
  }
  // a withdrawal may be announced: until then it stands
  const stands = withdrawnAt === null || withdrawnAt > modified;
  const concerns = stands ? concernsIn(value, sha256, warnings) : [];
  changes.include(concernEdges(vulnerability, concerns, series));
  const version = asText(value['schema_version']);
  const document = changes.state('Document', sha256, {
    info: { format, mediaType: null, size },
    content: stated({ issuedAt: modified }),
    warnings: warningsFacet(warnings),
  });
  return {
    format: version === null ? format : `${format}-${clip(version, 20)}`,
    changes: changes.finish({
      ...{ subject: document, claim: sha256, validFrom: modified },
      ...(withdrawnAt === null
        ? {}
        : {
            nodeEndings: [{ label: 'Vulnerability', key: id, at: Math.max(withdrawnAt, modified) }],
          }),
    }),
    warnings: warnings.list(),
  };
}

/** When it is withdrawn, ms; a time that cannot be read is that of the record. Null where it is not withdrawn. */
function withdrawalIn(value: JsonObject, modified: number): number | null {
  const { withdrawn } = value;
  return withdrawn === undefined || withdrawn === null ? null : (asTime(withdrawn) ?? modified);
}

function concernsIn(value: JsonObject, sha256: string, warnings: Warnings): StatedConcern[] {
  const { affected } = value;
  const listed = affected === undefined || affected === null ? [] : [affected].flat();
  // what is not an object names no package, and clears nothing
  return listed.flatMap((entry, index) =>
    concernsOf(asObject(entry), { path: `affected.${index}`, sha256, warnings }),
  );
}

/** What one entry of `affected` says. What of it cannot be compared with versions makes the package UNKNOWN. */
function concernsOf(
  affected: JsonObject,
  { path, sha256, warnings }: { path: string; sha256: string; warnings: Warnings },
): StatedConcern[] {
  const named = asObject(affected['package']);
  const [ecosystem, name] = [asText(named['ecosystem']), asText(named['name'])];
  const ranges = objectsOf(affected['ranges']);
  const found =
    ecosystem === null || name === null ? null : packageOf(ecosystem, name, asText(named['purl']));
  if (found === null) {
    const what =
      ecosystem === null || name === null
        ? 'names no package'
        : `is about '${clip(name, 80)}' of '${clip(ecosystem, 80)}', for which there is no type of package URL`;
    const commits = ranges.some(isOfCommits) ? ' (ranges of commits are not compared)' : '';
    warnings.add(path, `'${path}' ${what}: what it affects is not known${commits}.`);
    // a reference that leads nowhere: whoever asks is told so
    const thing: NodeRef = { label: 'Resource', key: `${sha256}#${path}` };
    return [{ reference: { thing, package: null, purl: null, range: null }, status: 'affected' }];
  }
  const references = rangesOf(affected, found.purl, path, warnings);
  if (references.length === 0) {
    warnings.add(
      path,
      `'${path}' states no version of '${found.purl.purl}' that can be compared: whether one is affected is not known.`,
    );
    return [{ reference: referenceTo(found.purl, null), status: 'unknown' }];
  }
  warnOfRelease(found, ecosystem ?? '', path, warnings);
  return references.map((reference) => ({
    reference,
    // without a range nothing is said of which versions
    status: found.isExact && (reference.range ?? reference.thing) !== null ? 'affected' : 'unknown',
  }));
}

function warnOfRelease(
  { isExact, purl }: AffectedPackage,
  ecosystem: string,
  path: string,
  warnings: Warnings,
): void {
  if (isExact) return;
  warnings.add(
    path,
    `'${path}' is about '${clip(ecosystem, 80)}', which a package URL such as '${purl.purl}' does not name: whether a version in its ranges is affected is not known.`,
  );
}

/** The versions that are affected, as VERS or one by one; those that are listed and in one of the ranges are not said twice. */
function rangesOf(
  affected: JsonObject,
  purl: ParsedPurl,
  path: string,
  warnings: Warnings,
): Reference[] {
  const order = versionOrder(purl.type);
  const lastKnown = lastKnownOf(affected);
  const found: string[] = [];
  /** Of what cannot be read. */
  const open: Reference[] = [];
  for (const [index, range] of objectsOf(affected['ranges']).entries()) {
    const at = `${path}.ranges.${index}`;
    if (isOfCommits(range)) {
      warnings.add(at, `'${at}' is a range of commits, with which no version is compared.`);
      continue;
    }
    const constraints = constraintsOf(range, order, lastKnown);
    if (constraints === null) {
      warnings.add(at, `'${at}' introduces nothing: which versions it means is not known.`);
      open.push(referenceTo(purl, null));
      continue;
    }
    const text = `vers:${purl.type}/${constraints}`;
    const problem = rangeProblem(purl.type, text);
    if (problem !== null) {
      warnings.add(
        at,
        `'${at}' is '${clip(text, 100)}', with which no version is compared: ${problem}`,
      );
    }
    found.push(text);
  }
  const listed = asArray(affected['versions']).flatMap((version, index) => {
    const text = versionText(version);
    if (text !== null) return [text];
    const at = `${path}.versions.${index}`;
    warnings.add(at, `'${at}' must be a string: which version it means is not known.`);
    open.push(referenceTo(purl, null));
    return [];
  });
  const isIn = memberOf(purl, found);
  const others = listed.filter((version) => !isIn(version));
  // what no range can name, such as a local version of Python, would spoil the list that it stands in
  const bounds = boundOrder(purl.type);
  const isListed = (version: string) => bounds === null || bounds(version, version) !== null;
  const lists = versionLists(others.filter(isListed), LONGEST_LIST);
  return [
    ...open.slice(0, 1),
    ...[...found, ...lists.map((list) => `vers:${purl.type}/${list}`)].map((range) =>
      referenceTo(purl, range),
    ),
    ...others
      .filter((version) => !isListed(version))
      .flatMap((version) => parseReference(withVersion(purl.purl, version)) ?? []),
  ];
}

/** Whether a version is in one of the ranges, each of which is read once. */
function memberOf(
  { packageKey }: ParsedPurl,
  ranges: readonly string[],
): (version: string) => boolean {
  const bare = tryParsePurl(packageKey);
  const matchers =
    bare === null ? [] : ranges.map((range) => packageMatcher({ purl: bare, range }));
  return (version) => {
    const one = tryParsePurl(`${packageKey}@${encodeURIComponent(version)}`);
    return one !== null && matchers.some((match) => match(one).result === 'YES');
  };
}

function referenceTo(purl: ParsedPurl, range: string | null): Reference {
  const pkg: NodeRef = { label: 'Package', key: purl.packageKey };
  return { thing: null, package: pkg, purl: purl.purl, range };
}

function isOfCommits({ type }: JsonObject): boolean {
  return asText(type)?.toUpperCase() === 'GIT';
}

function aliasesOf(value: JsonObject, id: string): string[] {
  const upstream = asArray(value['upstream']).flatMap((one) => asText(one) ?? []);
  const stated = asArray(value['aliases']).flatMap((alias) => asText(alias) ?? []);
  // a distribution's record of one vulnerability: `UBUNTU-CVE-2023-4004`, `DEBIAN-CVE-…`
  const [own] = upstream;
  if (own !== undefined && upstream.length === 1 && id.endsWith(`-${own}`)) stated.push(own);
  return [...new Set(stated)].filter((alias) => alias !== id && identifierProblem(alias) === null);
}

function summaryOf(value: JsonObject): string | null {
  const summary = asText(value['summary']);
  if (summary !== null) return summary;
  const details = asText(value['details'])?.trim().split('\n')[0];
  return details === undefined ? null : clip(details, 300);
}

/**
 * What the database says in a word, as GitHub's and Ubuntu's do, else by its CVSS score; and the highest base score of the vectors, of
 * version 2 only where there is no later one.
 *
 * @see https://ossf.github.io/osv-schema/#severity-field
 */
function severityOf(value: JsonObject): { severity: string | null; score: number | null } {
  const stated = [value, ...objectsOf(value['affected'])].flatMap((one) =>
    objectsOf(one['severity']).map(({ type, score }) => [asText(type), asText(score)] as const),
  );
  const scoresOf = (...types: readonly string[]) =>
    stated.flatMap(([type, vector]) =>
      types.some((one) => one === type) && vector !== null ? (baseScore(vector) ?? []) : [],
    );
  const newer = scoresOf('CVSS_V3', 'CVSS_V4');
  const scores = newer.length > 0 ? newer : scoresOf('CVSS_V2');
  const score = scores.length === 0 ? null : Math.max(...scores);
  const words = stated.flatMap(([type, word]) => (type === 'Ubuntu' ? [word] : []));
  const own = asText(asObject(value['database_specific'])['severity']);
  const word = wordOf(own) ?? words.map(wordOf).find((one) => one !== null) ?? null;
  return { severity: word ?? (score === null ? null : ratingOf(score)), score };
}

function wordOf(text: string | null): string | null {
  const word = text?.toLowerCase() ?? '';
  const known = { moderate: 'medium', negligible: 'low' }[word] ?? word;
  return SEVERITIES.has(known) ? known : null;
}

function urlOf(value: JsonObject): string | null {
  const references = objectsOf(value['references']);
  const best = references.find(({ type }) => type === 'ADVISORY') ?? references[0];
  return best === undefined ? null : asText(best['url']);
}
