import {
  asArray,
  asObject,
  asText,
  asTime,
  clip,
  isObject,
  unsupported,
  type JsonObject,
} from '../../json.ts';
import { isDistributed } from '../../../model/package-match.ts';
import { purlProblem, tryParsePurl, type ParsedPurl } from '../../../model/purl.ts';
import type { Warnings } from '../../warnings.ts';
import type { Bom } from '../../bom/bom.ts';
import { readComponent, type Component } from '../../bom/component-facts.ts';
import { readRelationships, type Relationships } from './relationships.ts';

const VERSION = /^SPDX-(2\.\d+)$/;
/** Of 2.x, only these are known; newer minor versions add members. */
const KNOWN = ['2.0', '2.1', '2.2', '2.3'];

/** An SPDX 2 document in JSON, also as GitHub's API wraps it (`{"sbom": …}`). */
export function isSpdx(value: JsonObject): boolean {
  return 'spdxVersion' in spdxIn(value);
}

/** @see https://docs.github.com/en/rest/dependency-graph/sboms */
export function spdxIn(value: JsonObject): JsonObject {
  const { sbom } = value;
  return isObject(sbom) && 'spdxVersion' in sbom ? sbom : value;
}

/**
 * Reads what an SPDX document lists, as a bill of materials: the package (or file) that it describes, and every other package as a
 * part of that, unless its relationships say that it is a source, a tool, an ancestor, or needed for building and testing only.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED where it cannot be known what the document says
 * @see https://spdx.github.io/spdx-spec/v2.3/
 */
export function readSpdx(given: JsonObject, warnings: Warnings): Bom {
  const value = spdxIn(given);
  return bomOf(value, versionOf(value, warnings), warnings, {
    package: (index) => `packages.${index}`,
    links: 'externalDocumentRefs',
  });
}

/**
 * A document in the members of SPDX 2, as a bill of materials.
 *
 * @param places where in the document its packages are, and its links to others
 */
export function bomOf(
  value: JsonObject,
  version: string,
  warnings: Warnings,
  places: { readonly package: (index: number) => string; readonly links: string },
): Bom {
  const relationships = readRelationships(value);
  const packages = readPackages(value, relationships, warnings, places.package);
  const described = describedIn(value, relationships);
  const root = rootOf(value, packages.components, described, warnings);
  const linked = asArray(value['externalDocumentRefs']).length;
  if (linked > 0) {
    warnings.add(
      places.links,
      `'${places.links}' names ${linked} other documents, of which nothing is known from this one.`,
    );
  }
  return {
    format: `spdx-${version}`,
    mediaType: `application/spdx+json; version=${version}`,
    serialNumber: null,
    value: {
      dependencies: relationships.dependencies,
      ...(relationships.isOpen ? { compositions: [{ aggregate: 'unknown' }] } : {}),
    },
    issuedAt: asTime(asObject(value['creationInfo'])['created']),
    root,
    components: packages.components.filter(
      ({ bomRef }) => bomRef === null || bomRef !== root?.bomRef,
    ),
    isWhole: packages.isWhole && linked === 0,
  };
}

function versionOf(value: JsonObject, warnings: Warnings): string {
  const stated = asText(value['spdxVersion']);
  const version = VERSION.exec(stated ?? '')?.[1];
  if (version === undefined) {
    throw unsupported(
      `The document's 'spdxVersion' is ${JSON.stringify(value['spdxVersion'])}; this service reads SPDX-2.2 and SPDX-2.3 in JSON.`,
      'spdxVersion',
    );
  }
  if (!KNOWN.includes(version)) {
    warnings.add(
      'spdxVersion',
      `The document is written in SPDX ${version}, of which only what 2.3 has is read.`,
    );
  }
  return version;
}

function readPackages(
  value: JsonObject,
  relationships: Relationships,
  warnings: Warnings,
  pathOf: (index: number) => string,
): { readonly components: readonly Component[]; readonly isWhole: boolean } {
  const found: Component[] = [];
  let isWhole = true;
  for (const name of ['packages', 'relationships']) {
    const list = value[name];
    if (list === undefined || list === null || Array.isArray(list)) continue;
    warnings.add(name, `'${name}' must be an array: what it lists is not known.`);
    isWhole = false;
  }
  for (const [index, member] of arrayIn(value, 'packages').entries()) {
    const path = pathOf(index);
    if (!isObject(member)) {
      warnings.add(path, `'${path}' must be an object and is left out.`);
      isWhole = false;
      continue;
    }
    const own = toComponent(member);
    const { component, isKnown } = readComponent(own, path, warnings);
    const id = component.bomRef;
    const isContained = id === null || !relationships.isOutside(id);
    found.push({ ...component, isContained });
    isWhole &&= isKnown;
    // whatever else it is called: an advisory may know it by that name alone
    for (const purl of otherPackages(member)) {
      const other = readComponent(
        { ...own, 'bom-ref': undefined, hashes: [], purl },
        path,
        warnings,
      );
      found.push({ ...other.component, isContained });
    }
  }
  return { components: withOrigins(found, relationships), isWhole };
}

/** A package as CycloneDX would say it. */
function toComponent(member: JsonObject): JsonObject {
  const version = stated(member['versionInfo']);
  const purl = purlOf(member);
  return {
    'bom-ref': asText(member['SPDXID']) ?? undefined,
    type: typeOf(stated(member['primaryPackagePurpose'])),
    name: stated(member['name']) ?? undefined,
    version: version ?? undefined,
    purl: purl ?? undefined,
    // what a package URL gives the digest of is known by it: the checksum of an image may be of its archive, or its configuration
    hashes: tryParsePurl(purl)?.digest == null ? hashesOf(member['checksums']) : [],
  };
}

function toFile(member: JsonObject): JsonObject {
  return {
    'bom-ref': asText(member['SPDXID']) ?? undefined,
    type: 'file',
    name: stated(member['fileName']) ?? undefined,
    hashes: hashesOf(member['checksums']),
  };
}

function typeOf(purpose: string | null): string {
  const type = purpose?.toLowerCase().replaceAll('_', '-') ?? 'library';
  return type === 'operating-system' || type === 'container' || type === 'file' ? type : 'library';
}

/** `NONE` and `NOASSERTION` state nothing. */
function stated(value: unknown): string | null {
  const text = asText(value);
  return text === null || text === 'NONE' || text === 'NOASSERTION' ? null : text;
}

/** The first package URL that can be read, else the first. */
function purlOf(member: JsonObject): string | null {
  const purls = purlsOf(member);
  return purls.find((purl) => purlProblem(purl) === null) ?? purls[0] ?? null;
}

/** Further package URLs of other packages, or other versions; the same one at another place says nothing new. */
function otherPackages(member: JsonObject): string[] {
  const purls = purlsOf(member).flatMap((text) => tryParsePurl(text) ?? []);
  const [first] = purls;
  const nameOf = ({ packageKey, version, digest }: ParsedPurl) =>
    digest ?? `${packageKey}@${version}`;
  const others = new Map(purls.map((purl) => [nameOf(purl), purl.purl]));
  if (first !== undefined) others.delete(nameOf(first));
  return [...others.values()];
}

function purlsOf(member: JsonObject): string[] {
  return asArray(member['externalRefs']).flatMap((reference) => {
    const { referenceType, referenceLocator } = asObject(reference);
    const type = asText(referenceType) ?? '';
    return /(?:^|[/#-])purl$/i.test(type) ? (asText(referenceLocator) ?? []) : [];
  });
}

/** `SHA256` is what CycloneDX calls `SHA-256`. */
function hashesOf(checksums: unknown): JsonObject[] {
  return asArray(checksums).flatMap((checksum) => {
    const { algorithm, checksumValue } = asObject(checksum);
    const alg = asText(algorithm)?.replace(/^.*checksumAlgorithm_/i, '');
    return alg === undefined ? [] : [{ alg, content: asText(checksumValue)?.toLowerCase() }];
  });
}

/** What each was made from: the source of a distribution's package, or else an ancestor. */
function withOrigins(
  components: readonly Component[],
  { origins }: Relationships,
): readonly Component[] {
  const byId = new Map(components.map((component) => [component.bomRef, component]));
  return components.map((component) => {
    const ids = component.bomRef === null ? [] : (origins.get(component.bomRef) ?? []);
    const found = ids.flatMap((id) => byId.get(id) ?? []);
    if (found.length === 0) return component;
    const source = found.find(({ purl }) => purl !== null && purl.type === component.purl?.type);
    if (source?.purl != null && isDistributed(source.purl.type)) {
      return { ...component, source: { name: source.purl.name, version: source.purl.version } };
    }
    return { ...component, ancestors: found };
  });
}

/** Ids of what the document says that it describes. */
function describedIn(value: JsonObject, relationships: Relationships): ReadonlySet<string> {
  const own = asText(value['SPDXID']) ?? 'SPDXRef-DOCUMENT';
  const listed = asArray(value['documentDescribes']).flatMap((id) => asText(id) ?? []);
  return new Set(
    [...listed, ...(relationships.described.get(own) ?? [])].filter((id) => id !== own),
  );
}

/** The one thing that the document describes; null where there are several, or none. */
function rootOf(
  value: JsonObject,
  components: readonly Component[],
  described: ReadonlySet<string>,
  warnings: Warnings,
): Component | null {
  const found = components.filter(({ bomRef }) => bomRef !== null && described.has(bomRef));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return { ...first, isContained: true };
  if (first === undefined) {
    for (const [index, member] of arrayIn(value, 'files').entries()) {
      const id = asText(asObject(member)['SPDXID']);
      if (id === null || !described.has(id)) continue;
      if (described.size > 1) break;
      return readComponent(toFile(asObject(member)), `files.${index}`, warnings).component;
    }
  }
  const what =
    first === undefined
      ? 'names nothing in it that it describes'
      : `describes ${found.length} packages (${clip(first.name ?? '', 60)}, …)`;
  warnings.add(
    'documentDescribes',
    `The document ${what}: its packages are known, and nothing is said to contain them. Submit it with what it is about (\`about\`).`,
  );
  return null;
}

export function arrayIn(value: JsonObject, name: string): readonly unknown[] {
  return asArray(value[name]);
}
