import {
  asArray,
  asText,
  asTime,
  isObject,
  malformed,
  unsupported,
  type JsonObject,
} from '../../json.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { identifierProblem } from '../../../model/text.ts';
import type { Warnings } from '../../warnings.ts';
import type { Bom } from '../../bom/bom.ts';
import { imagesOfIndex } from '../../bom/image-index.ts';
import { readComponent, type Component } from '../../bom/component-facts.ts';
import { unlistedIn } from './unlisted.ts';

const SPEC_VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'];
const NEWEST_MINOR = 7;
const SCHEMA_URI = /cyclonedx\.org\/schema\/bom(?:-(\d+\.\d+))?/;

export function isBom(value: JsonObject): boolean {
  return (
    'bomFormat' in value ||
    (typeof value['$schema'] === 'string' && SCHEMA_URI.test(value['$schema']))
  );
}

/**
 * Reads what a CycloneDX document lists. What is broken in a single place is left out and named as a warning; the rest is read.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED where it cannot be known what the document says
 * @see https://cyclonedx.org/docs/1.7/json/
 */
export function readBom(value: JsonObject, warnings: Warnings): Bom {
  const { version: specVersion, isKnown } = readVersion(value, warnings);
  const reading: Reading = { warnings, found: [], isWhole: isKnown };
  const metadata = objectIn(value, 'metadata', '', reading);
  const root = objectIn(metadata, 'component', 'metadata.', reading);
  // A nested component of the root is a component like any other.
  collect(root['components'], 'metadata.component.components', true, reading);
  collectImages(root, 'metadata.component', true, reading);
  collect(value['components'], 'components', true, reading);
  const described =
    Object.keys(root).length === 0
      ? null
      : readComponent(root, 'metadata.component', warnings).component;
  collectUnlisted(value, described, reading);
  return {
    format: `cyclonedx-${specVersion}`,
    mediaType: `application/vnd.cyclonedx+json; version=${specVersion}`,
    serialNumber: serialNumberOf(value, warnings),
    value,
    issuedAt: timestampOf(metadata, warnings),
    root: described,
    components: reading.found,
    isWhole: reading.isWhole,
  };
}

/**
 * The version of CycloneDX that a document is written in. The format may also be known by the document's `$schema` alone, and a
 * newer 1.x is read as far as it is known: minor versions add members.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function readVersion(
  value: JsonObject,
  warnings: Warnings,
): { readonly version: string; readonly isKnown: boolean } {
  const { bomFormat: format, $schema } = value;
  if (format !== undefined && asText(format)?.trim().toLowerCase() !== 'cyclonedx') {
    throw malformed(
      `The document's 'bomFormat' is ${JSON.stringify(format)}; it must be "CycloneDX".`,
      'bomFormat',
    );
  }
  if (format !== 'CycloneDX') {
    const is = format === undefined ? 'is missing' : `is ${JSON.stringify(format)}`;
    warnings.add('bomFormat', `'bomFormat' ${is}; it must be "CycloneDX".`);
  }
  const stated = value['specVersion'];
  const named = typeof $schema === 'string' ? SCHEMA_URI.exec($schema)?.[1] : undefined;
  const version = typeof stated === 'number' ? String(stated) : (stated ?? named);
  if (typeof version === 'string' && SPEC_VERSIONS.includes(version)) {
    if (stated !== version) {
      const is = stated === undefined ? 'is missing' : 'is a number';
      warnings.add(
        'specVersion',
        `'specVersion' ${is}; the document is read as CycloneDX ${version}.`,
      );
    }
    return { version, isKnown: true };
  }
  const minor = typeof version === 'string' ? /^1\.(\d{1,3})$/.exec(version)?.[1] : undefined;
  if (minor !== undefined && Number(minor) > NEWEST_MINOR) {
    const newest = SPEC_VERSIONS.at(-1) ?? '';
    warnings.add(
      'specVersion',
      `The document is written in CycloneDX 1.${minor}, of which only what ${newest} has is read.`,
    );
    return { version: `1.${minor}`, isKnown: false };
  }
  throw unsupported(
    `The document's 'specVersion' is ${JSON.stringify(stated)}; this service reads CycloneDX ${SPEC_VERSIONS.join(', ')}.`,
    'specVersion',
  );
}

type Reading = {
  readonly warnings: Warnings;
  readonly found: Component[];
  isWhole: boolean;
};

/** A member that must be an object; one that is something else is left out, and whatever it listed with it. */
function objectIn(value: JsonObject, name: string, path: string, reading: Reading): JsonObject {
  const member = value[name];
  if (isObject(member)) return member;
  if (member !== undefined && member !== null) {
    reading.warnings.add(`${path}${name}`, `'${path}${name}' must be an object and is left out.`);
  }
  return {};
}

/** @param isContained whether what is listed here is part of the thing: nothing in an excluded component is */
function collect(value: unknown, path: string, isContained: boolean, reading: Reading): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) {
    reading.warnings.add(path, `'${path}' must be an array: what it lists is not known.`);
    reading.isWhole = false;
    return;
  }
  for (const [index, member] of asArray(value).entries()) {
    const at = `${path}.${index}`;
    if (!isObject(member)) {
      reading.warnings.add(at, `'${at}' must be an object and is left out.`);
      reading.isWhole = false;
      continue;
    }
    const { component, isKnown } = readComponent(member, at, reading.warnings);
    const isPart = isContained && component.isContained;
    reading.found.push({ ...component, isContained: isPart });
    reading.isWhole &&= isKnown;
    collect(member['components'], `${at}.components`, isPart, reading);
    collectImages(member, at, isPart, reading);
  }
}

/** A dependency that is not in the list is a component where its reference is a package URL; else nobody knows what is missing. */
function collectUnlisted(value: JsonObject, root: Component | null, reading: Reading): void {
  const known = root === null ? reading.found : [root, ...reading.found];
  for (const ref of unlistedIn(value, known)) {
    if (tryParsePurl(ref) === null) reading.isWhole = false;
    else collect([{ type: 'library', purl: ref }], 'dependencies', true, reading);
  }
}

/** An index contains its images; what is in these is in documents of their own. */
function collectImages(
  component: JsonObject,
  path: string,
  isContained: boolean,
  reading: Reading,
): void {
  const images = imagesOfIndex(component);
  if (images.length === 0) return;
  collect(images, `${path}.pedigree.variants`, isContained, reading);
  reading.isWhole = false;
  reading.warnings.add(
    path,
    `'${path}' is an image index: what is in its ${images.length} images is not known from this document.`,
  );
}

/** A document without one can be linked to by nobody, and replaces no other one. */
function serialNumberOf(value: JsonObject, warnings: Warnings): string | null {
  const serialNumber = asText(value['serialNumber']);
  const problem = serialNumber === null ? null : identifierProblem(serialNumber);
  if (problem === null) return serialNumber;
  warnings.add('serialNumber', `'serialNumber' ${problem}: it is left out.`);
  return null;
}

function timestampOf(metadata: JsonObject, warnings: Warnings): number | null {
  const { timestamp } = metadata;
  const time = asTime(timestamp);
  if (time === null && timestamp !== undefined) {
    warnings.add(
      'metadata.timestamp',
      `'metadata.timestamp' is not a date and time such as 2026-05-01T09:00:00Z: when the document was made is not known.`,
    );
  }
  return time;
}
