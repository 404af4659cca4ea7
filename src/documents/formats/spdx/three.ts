import { entryOf } from '../../../model/table.ts';
import {
  asArray,
  asObject,
  asText,
  isObject,
  malformed,
  objectsOf,
  type JsonObject,
} from '../../json.ts';
import type { Warnings } from '../../warnings.ts';
import type { Bom } from '../../bom/bom.ts';
import { bomOf } from './document.ts';

/** An SPDX 3 document in JSON-LD: a context of SPDX, and a graph of elements. */
export function isSpdx3(value: JsonObject): boolean {
  return '@graph' in value && CONTEXT.test(contextOf(value));
}

const CONTEXT = /spdx\.org\/rdf\/(?:v)?(3(?:\.\d+)*)\//;

/** Types that are packages in SPDX 2. */
const PACKAGES = new Set(['software_Package', 'ai_AIPackage', 'dataset_DatasetPackage']);
const COLLECTIONS = new Set([
  'SpdxDocument',
  'software_Sbom',
  'Bom',
  'Bundle',
  'ElementCollection',
]);
const OTHERS = new Set(['CreationInfo', 'software_File', 'security_Vulnerability']);

/** Relationships → those of SPDX 2; true: written the other way round. */
const TYPES: Readonly<Record<string, readonly [type: string, isReversed: boolean]>> = {
  ancestorOf: ['ANCESTOR_OF', false],
  contains: ['CONTAINS', false],
  copiedTo: ['COPY_OF', true],
  dependsOn: ['DEPENDS_ON', false],
  descendantOf: ['DESCENDANT_OF', false],
  describes: ['DESCRIBES', false],
  generates: ['GENERATES', false],
  hasDocumentation: ['DOCUMENTATION_OF', true],
  hasDynamicLink: ['DYNAMIC_LINK', false],
  hasExample: ['EXAMPLE_OF', true],
  hasMetadata: ['METAFILE_OF', true],
  hasOptionalComponent: ['OPTIONAL_COMPONENT_OF', true],
  hasOptionalDependency: ['OPTIONAL_DEPENDENCY_OF', true],
  hasPrerequisite: ['HAS_PREREQUISITE', false],
  hasProvidedDependency: ['PROVIDED_DEPENDENCY_OF', true],
  hasStaticLink: ['STATIC_LINK', false],
  hasTest: ['TEST_OF', true],
  hasTestCase: ['TEST_CASE_OF', true],
  hasVariant: ['VARIANT_OF', true],
  patchedBy: ['PATCH_FOR', true],
  usesTool: ['BUILD_TOOL_OF', true],
};
/** Where there may be more of these than is listed, more may be in the thing. */
const HOLDS =
  /^(?:contains|dependsOn|has(?:Dynamic|Static)Link|has\w+Dependency|hasOptionalComponent|hasPrerequisite)$/;
/** What is needed at these times only is not in the thing; what a build needs may be linked into it. */
const SCOPES: Readonly<Record<string, string>> = {
  ...{ development: 'DEV_DEPENDENCY_OF', test: 'TEST_DEPENDENCY_OF' },
};
/** Relationships of vulnerabilities → states of an analysis in CycloneDX. */
const STATES: Readonly<Record<string, string>> = {
  ...{ affects: 'exploitable', doesNotAffect: 'not_affected' },
  ...{ fixedIn: 'resolved', underInvestigationFor: 'in_triage' },
};

/**
 * Reads what an SPDX 3 document lists, by what SPDX 2 has of it: its packages, their relationships, and what it says of vulnerabilities
 * (VEX and CVSS). A list that is said to be incomplete, or of which nothing is asserted, leaves open what else there is.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where it has no list of elements
 * @see https://spdx.github.io/spdx-spec/v3.0.1/
 */
export function readSpdx3(value: JsonObject, warnings: Warnings): Bom {
  const graph = value['@graph'];
  if (!Array.isArray(graph)) {
    throw malformed("'@graph' of the SPDX 3 document must be a list of elements.", '@graph');
  }
  const elements = readElements(graph, warnings);
  const document = elements.list.find(({ type }) => type === 'SpdxDocument')?.value ?? {};
  const files = elements.list.filter(({ type }) => type === 'software_File');
  const packages = elements.list.filter(({ type }) => PACKAGES.has(type));
  const version = CONTEXT.exec(contextOf(value))?.[1] ?? '3';
  const two: JsonObject = {
    SPDXID: idOf(document) ?? undefined,
    creationInfo: { created: createdOf(document, elements) },
    externalDocumentRefs: asArray(document['import']),
    documentDescribes: describedIn(elements),
    packages: packages.map(({ value: one }) => toPackage(one)),
    files: files.map(({ value: one }) => ({ ...toPackage(one), fileName: one['name'] })),
    relationships: [
      ...elements.list.flatMap(({ value: one }) => relationshipsOf(one, elements)),
      ...(isInventory(elements) ? [] : [{ ...OPEN, spdxElementId: 'SPDXRef-DOCUMENT' }]),
    ],
  };
  const bom = bomOf(two, version, warnings, {
    package: (index) => packages[index]?.path ?? '@graph',
    links: 'import',
  });
  const vulnerabilities = vulnerabilitiesIn(elements);
  return {
    ...bom,
    value: { ...bom.value, ...(vulnerabilities.length === 0 ? {} : { vulnerabilities }) },
  };
}

/** Elements by type that say nothing that is kept, how many of each. */
export function notReadOf3(value: JsonObject): string[] {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const element of objectsOf(value['@graph'])) {
    const type = typeOf(element);
    const relationship = asText(element['relationshipType']);
    if (relationship !== null) {
      if (!isRead(relationship, type)) count(`relationships '${relationship}'`);
    } else if (type === 'software_File') count('software_File: single files');
    else if (!PACKAGES.has(type) && !COLLECTIONS.has(type) && !OTHERS.has(type)) {
      count(type === '' ? 'elements without a type' : type);
    }
  }
  return [...counts].map(([what, times]) => `${what} (${times})`);
}

type Element = { readonly path: string; readonly type: string; readonly value: JsonObject };
type Elements = {
  readonly list: readonly Element[];
  readonly byId: ReadonlyMap<string, JsonObject>;
  /** False where something in the list is not an element. */
  readonly isWhole: boolean;
};

/** Nothing at all: individuals of SPDX. */
const NONE = /(?:^|\/)NoneElement$/;
const OPEN = { relationshipType: 'CONTAINS', relatedSpdxElement: 'NOASSERTION' };

function readElements(graph: readonly unknown[], warnings: Warnings): Elements {
  const list: Element[] = [];
  const byId = new Map<string, JsonObject>();
  let isWhole = true;
  for (const [index, value] of graph.entries()) {
    const path = `@graph.${index}`;
    if (!isObject(value)) {
      warnings.add(path, `'${path}' must be an object and is left out.`);
      isWhole = false;
      continue;
    }
    list.push({ path, type: typeOf(value), value });
    const id = idOf(value);
    if (id !== null) byId.set(id, value);
  }
  return { list, byId, isWhole };
}

/** Whether it lists what is in something. A document that only says what is known of a package's vulnerabilities, or its build, does not. */
function isInventory({ list, isWhole }: Elements): boolean {
  const says = ({ type, value }: Element): boolean =>
    type === 'software_Sbom' || HOLDS.test(asText(value['relationshipType']) ?? '');
  return isWhole && list.some(({ type }) => PACKAGES.has(type)) && list.some(says);
}

function contextOf(value: JsonObject): string {
  const context = value['@context'];
  const texts = [context].flat().filter((one) => typeof one === 'string');
  // a context may be written out: its terms are those of SPDX
  return texts.length > 0 ? texts.join(' ') : JSON.stringify(context ?? null);
}

/** As the context of SPDX writes types: `software_Package`, of whatever else JSON-LD allows for it. */
function typeOf(value: JsonObject): string {
  const text = asText([value['type'] ?? value['@type']].flat()[0]) ?? '';
  const [, profile = 'Core', name = text] = /terms\/(\w+)\/(\w+)$/.exec(text) ?? [
    null,
    'Core',
    text,
  ];
  return profile === 'Core' ? name : `${profile.toLowerCase()}_${name}`;
}

function idOf(value: JsonObject): string | null {
  return asText(value['spdxId']) ?? asText(value['@id']);
}

/** Ids of what a member refers to, by id or written out. */
function refsIn(member: unknown): string[] {
  const values = member === undefined || member === null ? [] : [member].flat();
  return values.flatMap((one) => (isObject(one) ? idOf(one) : asText(one)) ?? []);
}

function createdOf(document: JsonObject, { byId }: Elements): unknown {
  const { creationInfo } = document;
  const info = isObject(creationInfo) ? creationInfo : byId.get(asText(creationInfo) ?? '');
  return asObject(info)['created'];
}

/** What the document is about: its root elements, and of a bill of materials those of that, or what it `describes`. */
function describedIn({ list, byId }: Elements): string[] {
  const isCollection = (id: string) => COLLECTIONS.has(typeOf(byId.get(id) ?? {}));
  const described = list.flatMap(({ value }) => {
    const [from] = refsIn(value['from']);
    const isSaid = value['relationshipType'] === 'describes' && from !== undefined;
    return isSaid && isCollection(from) ? refsIn(value['to']) : [];
  });
  const roots = list.flatMap(({ type, value }) =>
    COLLECTIONS.has(type) ? refsIn(value['rootElement']) : [],
  );
  return [...new Set([...roots, ...described])].filter((id) => !isCollection(id));
}

function toPackage(value: JsonObject): JsonObject {
  const purls = [
    asText(value['software_packageUrl']),
    ...objectsOf(value['externalIdentifier']).map((one) =>
      /^package-?url$/i.test(asText(one['externalIdentifierType']) ?? '')
        ? asText(one['identifier'])
        : null,
    ),
  ].filter((purl) => purl !== null);
  return {
    SPDXID: idOf(value) ?? undefined,
    name: value['name'],
    versionInfo: value['software_packageVersion'],
    primaryPackagePurpose: asText(value['software_primaryPurpose'])?.replace(/[A-Z]/g, '_$&'),
    // a verification code is a digest of digests, by which no file is known
    checksums: objectsOf(value['verifiedUsing']).flatMap((one) =>
      typeOf(one) === 'Hash'
        ? [{ algorithm: one['algorithm'], checksumValue: one['hashValue'] }]
        : [],
    ),
    externalRefs: purls.map((purl) => ({ referenceType: 'purl', referenceLocator: purl })),
  };
}

/** A relationship, one by one of those that it leads to. What is in another document may hold anything. */
function relationshipsOf(value: JsonObject, { byId }: Elements): JsonObject[] {
  const type = asText(value['relationshipType']) ?? '';
  const [from] = refsIn(value['from']);
  const [name, isReversed] = entryOf(TYPES, type) ?? [];
  if (from === undefined || name === undefined) return [];
  const scoped = type === 'dependsOn' ? entryOf(SCOPES, asText(value['scope']) ?? '') : undefined;
  const completeness = asText(value['completeness']);
  const isElsewhere = refsIn(value['to']).some((to) => !byId.has(to) && !NONE.test(to));
  const isOpen =
    HOLDS.test(type) &&
    scoped === undefined &&
    (isElsewhere || isOneOf(completeness, ['noAssertion', 'incomplete']));
  const things = refsIn(value['to']).filter((to) => !NONE.test(to));
  const listed = things.map((to): JsonObject => {
    if (/(?:^|\/)NoAssertionElement$/.test(to)) {
      return { spdxElementId: from, relationshipType: name, relatedSpdxElement: 'NOASSERTION' };
    }
    const [one, other] = isReversed === true || scoped !== undefined ? [to, from] : [from, to];
    return { spdxElementId: one, relationshipType: scoped ?? name, relatedSpdxElement: other };
  });
  return isOpen ? [...listed, { ...OPEN, spdxElementId: from }] : listed;
}

function isOneOf(text: string | null, list: readonly string[]): boolean {
  return text !== null && list.includes(text);
}

function isRead(relationship: string, type: string): boolean {
  return (
    entryOf(TYPES, relationship) !== undefined ||
    entryOf(STATES, relationship) !== undefined ||
    relationship === 'hasAssociatedVulnerability' ||
    isScore(type)
  );
}

function isScore(type: string): boolean {
  return /^security_Cvss\w+VulnAssessmentRelationship$/.test(type);
}

/** What is said of each vulnerability, as CycloneDX would say it: an entry for each statement. */
function vulnerabilitiesIn({ list, byId }: Elements): JsonObject[] {
  return list.flatMap(({ type, value }): JsonObject[] => {
    const relationship = asText(value['relationshipType']) ?? '';
    const [from, to] = [refsIn(value['from']), refsIn(value['to'])];
    if (value['security_withdrawnTime'] !== undefined) return [];
    if (relationship === 'hasAssociatedVulnerability') {
      return to.map((id) => ({
        ...vulnerabilityOf(id, byId),
        affects: from.map((ref) => ({ ref })),
      }));
    }
    if (isScore(type)) {
      const rating = {
        score: value['security_score'],
        severity: asText(value['security_severity'])?.toLowerCase(),
      };
      return from.map((id) => ({ ...vulnerabilityOf(id, byId), ratings: [rating] }));
    }
    const state = entryOf(STATES, relationship);
    if (state === undefined) return [];
    // the component of the product that was looked at, where it is named
    const assessed = refsIn(value['security_assessedElement']);
    const things = assessed.length > 0 ? assessed : to;
    const justification = asText(value['security_justificationType']);
    const detail =
      asText(value['security_impactStatement']) ?? asText(value['security_actionStatement']);
    const analysis = {
      state,
      ...(justification === null ? {} : { justification }),
      ...(detail === null ? {} : { detail }),
    };
    return from.map((id) => ({
      ...vulnerabilityOf(id, byId),
      ...{ analysis, affects: things.map((ref) => ({ ref })) },
    }));
  });
}

/** Its id is the CVE that it is known by, else any id, else its name. */
function vulnerabilityOf(id: string, byId: ReadonlyMap<string, JsonObject>): JsonObject {
  const value = byId.get(id) ?? {};
  const known = objectsOf(value['externalIdentifier']).flatMap(
    (one) => asText(one['identifier']) ?? [],
  );
  const cve = known.find((one) => /^CVE-/i.test(one));
  const name = asText(value['name']);
  const own = cve ?? (name !== null && /^\S+$/.test(name) ? name : known[0]);
  return {
    id: own ?? id.split(/[/#]/).at(-1) ?? id,
    description: asText(value['summary']) ?? asText(value['description']) ?? undefined,
    published: value['security_publishedTime'],
    references: [...known, ...(name === null ? [] : [name])].map((other) => ({ id: other })),
  };
}
