import { parseXml, XmlDocumentType, XmlElement, type XmlNode } from '@rgrove/parse-xml';
import { messageOf, StemmaError } from '../../../errors.ts';
import { entryOf } from '../../../model/table.ts';
import { malformed, unsupported, type JsonObject } from '../../json.ts';
import type { Warnings } from '../../warnings.ts';

const NAMESPACE = /^https?:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)$/;
const MAX_DEPTH = 200;
/** Bytes of the largest XML text: reading it takes nearly a second, and thirty times as much memory, for each MiB. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

/** Elements that are a list in JSON → the name of what they list. Anything else in one is a list entry that cannot be read. */
const LISTS: Readonly<Record<string, string>> = {
  components: 'component',
  hashes: 'hash',
  properties: 'property',
  ancestors: 'component',
  descendants: 'component',
  variants: 'component',
  externalReferences: 'reference',
  services: 'service',
  compositions: 'composition',
  assemblies: 'assembly',
  vulnerabilities: 'vulnerability',
  ratings: 'rating',
  affects: 'target',
  versions: 'version',
  annotations: 'annotation',
  formulation: 'formula',
  citations: 'citation',
};
/** Elements with a value and attributes → the member of the JSON form that holds the value. */
const VALUES: Readonly<Record<string, string>> = { hash: 'content', property: 'value' };
/** Members that are not text in JSON. */
const NUMBERS = new Set(['score']);
const FLAGS = new Set(['isExternal']);

/** Whether a text is XML of which the root is in the namespace of CycloneDX. */
export function isCycloneDxXml(text: string): boolean {
  return (
    /^\uFEFF?\s*</.test(text) &&
    /\sxmlns(?::[\w.-]+)?\s*=\s*["']https?:\/\/cyclonedx\.org\/schema\/bom\//.test(
      text.slice(0, 8192),
    )
  );
}

/**
 * The JSON form of a CycloneDX document in XML, as far as it is read. No document type is taken, and with it no entity: what a text
 * says is in its own bytes.
 *
 * @throws StemmaError DOCUMENT_MALFORMED naming the line, DOCUMENT_UNSUPPORTED
 * @see https://cyclonedx.org/docs/1.7/xml/
 */
export function parseCycloneDxXml(text: string, warnings: Warnings): JsonObject {
  const size = Buffer.byteLength(text);
  if (size > MAX_XML_BYTES) {
    throw unsupported(
      `The XML document has ${size} bytes; at most ${MAX_XML_BYTES} are read: submit it in JSON.`,
    );
  }
  try {
    return bomOf(rootOf(text), warnings);
  } catch (cause) {
    if (cause instanceof StemmaError) throw cause;
    if (cause instanceof RangeError) throw tooDeep(cause);
    const [first = ''] = messageOf(cause).split('\n');
    throw malformed(`The document is not XML: ${first}.`, '', cause);
  }
}

function rootOf(text: string): XmlElement {
  const document = parseXml(text.replace(/^\uFEFF/, ''), { preserveDocumentType: true });
  if (document.children.some((child: XmlNode) => child instanceof XmlDocumentType)) {
    throw unsupported(
      'The XML document has a document type (<!DOCTYPE …>), which may change what it says: submit it without.',
    );
  }
  if (document.root === null) throw malformed('The XML document has no element.');
  return document.root;
}

function bomOf(root: XmlElement, warnings: Warnings): JsonObject {
  const prefix = prefixOf(root.name);
  const namespace = root.attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`];
  const version = NAMESPACE.exec(namespace ?? '')?.[1];
  if (root.name !== `${prefix}bom` || version === undefined) {
    throw unsupported(
      `The root of the XML document is '${root.name}' in '${namespace ?? ''}', not a CycloneDX 'bom'.`,
    );
  }
  const reading: Reading = { prefix, isOldAdvisory: false };
  const members = membersOf(root, reading, 0);
  if (reading.isOldAdvisory) {
    warnings.add(
      'vulnerabilities',
      'The document has vulnerabilities in the extension of CycloneDX 1.2, which are not read: submit them as advisories.',
    );
  }
  return {
    ...members,
    ...{ bomFormat: 'CycloneDX', specVersion: version },
    version: /^\d{1,15}$/.test(root.attributes['version'] ?? '')
      ? Number(root.attributes['version'])
      : undefined,
  };
}

type Reading = { readonly prefix: string; isOldAdvisory: boolean };

function valueOf(element: XmlElement, reading: Reading, depth: number): unknown {
  if (depth > MAX_DEPTH) throw tooDeep();
  const name = element.name.slice(reading.prefix.length);
  const children = elementsIn(element, reading);
  if (name === 'dependencies') return dependenciesOf(children, reading);
  const listed = entryOf(LISTS, name);
  if (listed !== undefined) {
    return children.map((child) =>
      child.name !== `${reading.prefix}${listed}` ? null : valueOf(child, reading, depth + 1),
    );
  }
  // an element of a composition that names a component, dependency or vulnerability
  const { ref } = element.attributes;
  if (children.length === 0 && ref !== undefined) return ref;
  const text = element.text.trim();
  const held = entryOf(VALUES, name);
  if (held !== undefined) return { ...element.attributes, [held]: text };
  if (children.length > 0 || Object.keys(element.attributes).length > 0) {
    return membersOf(element, reading, depth);
  }
  if (NUMBERS.has(name) && /^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return FLAGS.has(name) ? text === 'true' : text;
}

/** Attributes and elements alike are members. */
function membersOf(element: XmlElement, reading: Reading, depth: number): JsonObject {
  const attributes = Object.entries(element.attributes).filter(
    ([name]) => !name.startsWith('xmlns'),
  );
  const found = new Map<string, unknown>(
    attributes.map(([name, value]) => [name, FLAGS.has(name) ? value === 'true' : value]),
  );
  const elements = Map.groupBy(elementsIn(element, reading), ({ name }) => name);
  for (const [name, same] of elements) {
    const values = same.map((child) => valueOf(child, reading, depth + 1));
    // two lists are one, and of two single values neither can be read
    const value = values.length === 1 ? values[0] : values.flat();
    found.set(name.slice(reading.prefix.length), value);
  }
  return Object.fromEntries(found);
}

/** `<dependency ref="a"><dependency ref="b"/></dependency>`; in a composition, references alone. */
function dependenciesOf(children: readonly XmlElement[], reading: Reading): unknown[] {
  return children.map((child) => {
    const others = elementsIn(child, reading);
    const refs = (name: string): unknown[] =>
      others
        .filter((other) => other.name === `${reading.prefix}${name}`)
        .map((other) => other.attributes['ref'] ?? null);
    const provides = refs('provides');
    return {
      ref: child.attributes['ref'],
      dependsOn: refs('dependency'),
      ...(provides.length === 0 ? {} : { provides }),
    };
  });
}

/** The elements in an element that are in the namespace of the document; signatures and extensions are in others. */
function elementsIn(element: XmlElement, reading: Reading): XmlElement[] {
  return element.children.filter((child): child is XmlElement => {
    if (!(child instanceof XmlElement)) return false;
    const prefix = prefixOf(child.name);
    const isOwn = prefix === reading.prefix && (prefix !== '' || isOwnDefault(child));
    if (!isOwn && /(?:^|:)vulnerabilities$/.test(child.name)) reading.isOldAdvisory = true;
    return isOwn;
  });
}

/** False where an element has another default namespace of its own. */
function isOwnDefault({ attributes }: XmlElement): boolean {
  const { xmlns } = attributes;
  return xmlns === undefined || NAMESPACE.test(xmlns);
}

/** With its colon; '' where there is none. */
function prefixOf(name: string): string {
  return name.slice(0, name.indexOf(':') + 1);
}

function tooDeep(cause?: unknown): StemmaError {
  return malformed(`The XML document is nested more than ${MAX_DEPTH} deep.`, '', cause);
}
