import { stated } from '../../../model/change.ts';
import { concernEdges } from '../../../model/concern-edges.ts';
import { identifierProblem } from '../../../model/text.ts';
import { createChanges, type DocumentChanges } from '../../changes.ts';
import {
  asObject,
  asText,
  asTime,
  clip,
  isObject,
  malformed,
  objectsOf,
  unsupported,
  type JsonObject,
} from '../../json.ts';
import { warningsFacet, type Warnings } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';
import { productsIn } from './products.ts';
import { seriesOf, type Series } from './revision.ts';
import { concernsOf } from './statements.ts';

const VERSIONS = ['2.0', '2.1'];
/** Numbers that are the same vulnerability wherever they stand; a number of somebody's bug tracker is not. */
const SHARED_ID =
  /^(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|(?:GO|GSD|MAL|OSV|PYSEC|RUSTSEC|RSEC|EUVD)-[\w.-]{1,40})$/;
const SEVERITIES = ['none', 'low', 'medium', 'high', 'critical'];

export function isCsaf(value: JsonObject): boolean {
  return isObject(value['document']) && 'csaf_version' in value['document'];
}

/**
 * What a CSAF document says of the products in its tree. A later version of a document replaces the earlier ones, in whatever order
 * they come; a draft replaces nothing and clears nothing.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 * @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html
 */
export function parseCsaf(
  value: JsonObject,
  { sha256, size, warnings }: ParseOptions,
): ParsedDocument {
  const changes = createChanges(warnings);
  const { format, issuedAt, series } = recordCsaf(changes, value, sha256, warnings);
  const document = changes.state('Document', sha256, {
    info: { format, mediaType: 'application/json', size },
    name: stated({ name: asText(asObject(value['document'])['title']) }),
    content: stated({ issuedAt }),
    serial: series,
    warnings: warningsFacet(warnings),
  });
  return {
    format,
    changes: changes.finish({ subject: document, claim: sha256, validFrom: issuedAt }),
    warnings: warnings.list(),
  };
}

/**
 * Records what the document says of products; alone, or in the predicate of an attestation.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function recordCsaf(
  changes: DocumentChanges,
  value: JsonObject,
  sha256: string,
  warnings: Warnings,
): { readonly format: string; readonly issuedAt: number; readonly series: Series | null } {
  const document = asObject(value['document']);
  const version = asText(document['csaf_version']) ?? '';
  if (!VERSIONS.includes(version)) {
    throw unsupported(
      `The document's 'csaf_version' is '${clip(version, 40)}'; this service reads CSAF ${VERSIONS.join(' and ')}.`,
      'document.csaf_version',
    );
  }
  const tracking = asObject(document['tracking']);
  const issuedAt = asTime(tracking['current_release_date']);
  if (issuedAt === null) {
    throw malformed(
      "'document.tracking.current_release_date' of the CSAF document is not an RFC 3339 time such as 2026-11-21T10:00:00Z: which of its versions is the newest cannot be told.",
      'document.tracking.current_release_date',
    );
  }
  const isDraft = tracking['status'] === 'draft';
  const series = seriesOf(document);
  if (isDraft) {
    warnings.add(
      'document.tracking.status',
      'The document is a draft: it replaces no other version, and clears nothing.',
    );
  } else if (series === null) {
    warnings.add(
      'document.tracking',
      'The document has no id, namespace or version that can be read: it replaces no other one, and no other one replaces it.',
    );
  }
  const products = productsIn(value, warnings);
  const list = value['vulnerabilities'];
  if (list !== undefined && list !== null && !Array.isArray(list)) {
    throw malformed("'vulnerabilities' of the CSAF document must be an array.", 'vulnerabilities');
  }
  for (const [index, entry] of (list ?? []).entries()) {
    const path = `vulnerabilities.${index}`;
    const vulnerability = asObject(entry);
    const [id, ...aliases] = namesOf(vulnerability);
    if (id === undefined) {
      warnings.add(
        path,
        `'${path}' has neither a CVE nor another id that is known elsewhere: it is left out.`,
      );
      continue;
    }
    const facets = { summary: summaryOf(vulnerability) };
    const node = changes.node('Vulnerability', id, facets.summary !== null, facets);
    for (const alias of aliases) {
      changes.alias('SAME_AS', node, changes.refer('Vulnerability', alias));
    }
    const saying = { value, products, isDraft, sha256, warnings };
    changes.include(concernEdges(node, concernsOf(vulnerability, path, saying)));
  }
  return { format: `csaf-${version}`, issuedAt, series };
}

/** The CVE first. Without one, the first id that is shared; else what its owner calls it, with the owner's name. */
function namesOf(vulnerability: JsonObject): string[] {
  const cve = asText(vulnerability['cve']);
  const ids = objectsOf(vulnerability['ids']);
  const shared = ids
    .flatMap(({ text }) => asText(text) ?? [])
    .filter((text) => SHARED_ID.test(text));
  const names = [...new Set([...(cve === null ? [] : [cve]), ...shared])];
  if (names.length === 0) {
    const [own] = ids.flatMap(({ system_name: system, text }) => {
      const [by, name] = [asText(system), asText(text)];
      return by === null || name === null ? [] : [`${by} ${name}`];
    });
    if (own !== undefined) names.push(own);
  }
  return names.filter((name) => identifierProblem(name) === null);
}

/** Only where it has a score or a severity: what another document says is not to be replaced by less. */
function summaryOf(vulnerability: JsonObject) {
  const metrics = [
    ...objectsOf(vulnerability['scores']),
    ...objectsOf(vulnerability['metrics']).map(({ content }) => asObject(content)),
  ].flatMap((metric) => ['cvss_v4', 'cvss_v3', 'cvss_v2'].map((name) => asObject(metric[name])));
  const scores = metrics.flatMap(({ baseScore }) =>
    typeof baseScore === 'number' && baseScore >= 0 && baseScore <= 10 ? [baseScore] : [],
  );
  const ranks = metrics.map(({ baseSeverity }) =>
    SEVERITIES.indexOf(String(baseSeverity).toLowerCase()),
  );
  const severity = SEVERITIES[Math.max(-1, ...ranks)] ?? null;
  if (scores.length === 0 && severity === null) return null;
  const score = scores.length === 0 ? null : Math.max(...scores);
  return stated({ summary: asText(vulnerability['title'], 300), severity, score });
}
