import { stated } from '../../../model/change.ts';
import { digestKeys, digestSet } from '../../../model/digest.ts';
import { concernEdges, type StatedConcern } from '../../../model/concern-edges.ts';
import {
  isVexStatus,
  parseReference,
  type ConcernStatus,
  type Reference,
} from '../../../model/concern.ts';
import { refId } from '../../../model/node.ts';
import { entryOf } from '../../../model/table.ts';
import { identifierProblem, keyProblem } from '../../../model/text.ts';
import { createChanges, type DocumentChanges } from '../../changes.ts';
import {
  asArray,
  asObject,
  asText,
  asTime,
  clip,
  isObject,
  malformed,
  objectsOf,
  type JsonObject,
} from '../../json.ts';
import { warningsFacet, type Warnings } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';

/** What each status says. @see OPENVEX-SPEC, "Status Labels" */
const STATUSES: Readonly<Record<string, readonly ConcernStatus[]>> = {
  not_affected: ['not_affected'],
  affected: ['found', 'vex_affected'], // of this product: it does not say which others are
  fixed: ['fixed'],
  under_investigation: ['under_investigation'],
};

/** Producers leave the context empty, or write one without a version. */
export function isOpenVex(value: JsonObject): boolean {
  const context = asArray(value['@context']).concat(value['@context']);
  if (context.some((one) => typeof one === 'string' && /openvex\.dev\/ns/i.test(one))) return true;
  return objectsOf(value['statements']).some(
    ({ vulnerability, status }) =>
      vulnerability !== undefined && entryOf(STATUSES, asText(status) ?? '') !== undefined,
  );
}

/** One word of the author on one product, or one component of it. */
type Word = {
  readonly at: number;
  readonly vulnerability: string;
  readonly concerns: readonly StatedConcern[];
};

/**
 * What an OpenVEX document says of its products, and of the components that it names in them. Of several statements on one product the
 * latest counts, as the specification says.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where it has no statement that can be read
 */
export function parseOpenVex(
  value: JsonObject,
  { sha256, size, warnings }: ParseOptions,
): ParsedDocument {
  const changes = createChanges(warnings);
  const { format, issuedAt } = recordOpenVex(changes, value, warnings);
  const document = changes.state('Document', sha256, {
    info: { format: 'openvex', mediaType: 'application/json', size },
    content: stated({ issuedAt }),
    warnings: warningsFacet(warnings),
  });
  return {
    format,
    changes: changes.finish({ subject: document, claim: sha256, validFrom: issuedAt }),
    warnings: warnings.list(),
  };
}

/**
 * Records what the statements say; alone, or in the predicate of an attestation.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where there is none that can be read
 */
export function recordOpenVex(
  changes: DocumentChanges,
  value: JsonObject,
  warnings: Warnings,
): { readonly format: string; readonly issuedAt: number | null } {
  const timestamp = asTime(value['timestamp']);
  const issuedAt = asTime(value['last_updated']) ?? timestamp;
  const words = new Map<string, Word>();
  const aliases = new Map<string, Set<string>>();
  for (const [index, statement] of objectsOf(value['statements']).entries()) {
    const path = `statements.${index}`;
    const vulnerability = vulnerabilityIn(statement['vulnerability']);
    const status = asText(statement['status']) ?? '';
    const says = entryOf(STATUSES, status);
    if (vulnerability === null || says === undefined) {
      const what =
        vulnerability === null ? 'names no vulnerability' : `has the status '${clip(status, 40)}'`;
      warnings.add(path, `'${path}' ${what}: it is left out.`);
      continue;
    }
    const known = aliases.get(vulnerability.name) ?? new Set<string>();
    aliases.set(vulnerability.name, known);
    for (const alias of vulnerability.aliases) known.add(alias);
    const at = asTime(statement['last_updated']) ?? asTime(statement['timestamp']) ?? issuedAt ?? 0;
    const justification =
      asText(statement['justification']) ?? asText(statement['impact_statement']);
    for (const { reference, within } of productsIn(statement, path, warnings)) {
      const id = [vulnerability.name, JSON.stringify(reference), within].join('\n');
      const earlier = words.get(id);
      if (earlier !== undefined && earlier.at > at) continue;
      const concerns = says.map((one) => ({
        ...{ reference, status: one, justification },
        // that a version has the fault is so wherever it is
        within: isVexStatus(one) ? within : null,
      }));
      words.set(id, { at, vulnerability: vulnerability.name, concerns });
    }
  }
  if (aliases.size === 0) {
    throw malformed('The OpenVEX document has no statement that can be read.');
  }
  for (const [name, others] of aliases) {
    const node = changes.refer('Vulnerability', name);
    for (const alias of others) {
      changes.alias('SAME_AS', node, changes.refer('Vulnerability', alias));
    }
    const said = [...words.values()].filter(({ vulnerability }) => vulnerability === name);
    changes.include(
      concernEdges(
        node,
        said.flatMap(({ concerns }) => concerns),
      ),
    );
  }
  return { format: `openvex${versionOf(value)}`, issuedAt };
}

function versionOf(value: JsonObject): string {
  const version = /\/v(\d+(?:\.\d+)*)/.exec(JSON.stringify(value['@context'] ?? ''))?.[1];
  return version === undefined ? '' : `-${version}`;
}

/** A text in 0.0.1, an object since 0.2.0. */
function vulnerabilityIn(
  value: unknown,
): { readonly name: string; readonly aliases: readonly string[] } | null {
  const object = asObject(value);
  const name = asText(value) ?? asText(object['name']) ?? asText(object['@id']);
  if (name === null || identifierProblem(name) !== null) return null;
  const aliases = asArray(object['aliases']).flatMap((alias) => asText(alias) ?? []);
  return {
    name,
    aliases: aliases.filter((alias) => alias !== name && identifierProblem(alias) === null),
  };
}

type Product = { readonly reference: Reference; readonly within: string | null };

/** The products of a statement; where it names components of one, these inside of it. */
function productsIn(statement: JsonObject, path: string, warnings: Warnings): Product[] {
  const listed = asArray(statement['products']);
  if (listed.length === 0) warnings.add(path, `'${path}' names no product: it is left out.`);
  return listed.flatMap((entry, index) => {
    const at = `${path}.products.${index}`;
    const product = referenceTo(entry, at, warnings);
    if (product === null) return [];
    const parts = asArray(isObject(entry) ? entry['subcomponents'] : statement['subcomponents']);
    if (parts.length === 0) return [{ reference: product, within: null }];
    const container = product.thing ?? product.package;
    return parts.flatMap((part, number) => {
      const reference = referenceTo(part, `${at}.subcomponents.${number}`, warnings);
      const within = container === null ? null : refId(container);
      return reference === null ? [] : [{ reference, within }];
    });
  });
}

/** What a product or component is known by: the digest of its bytes before a package URL, and that before any other name. */
function referenceTo(entry: unknown, path: string, warnings: Warnings): Reference | null {
  const object = asObject(entry);
  const id = asText(entry) ?? asText(object['@id']);
  const purl = asText(asObject(object['identifiers'])['purl']);
  const digest = digestSet(digestKeys(asObject(object['hashes'])))?.best;
  const names = [digest, purl, id].flatMap((name) => name ?? []);
  for (const name of names) {
    const reference = parseReference(name);
    const key = (reference?.thing ?? reference?.package)?.key;
    if (reference !== null && key !== undefined && keyProblem(key) === null) return reference;
  }
  warnings.add(
    path,
    `'${path}' (${clip(names[0] ?? '', 80)}) is neither a package URL, a digest nor a URI: it is left out.`,
  );
  return null;
}
