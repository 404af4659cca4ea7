import { canonicalAlgorithm, digestKeys } from '../../model/digest.ts';
import { tryParsePurl, type ParsedPurl } from '../../model/purl.ts';
import {
  asArray,
  asText,
  isObject,
  malformed,
  objectsOf,
  unsupported,
  type JsonObject,
} from '../json.ts';
import { withVersionBeside } from './version-beside.ts';

/** A component as the document lists it, before anything is decided about its identity. */
export type Component = {
  /** Its place, such as `components.3.components.1`; its name where it has no bom-ref. */
  readonly path: string;
  readonly bomRef: string | null;
  readonly type: string | null;
  readonly name: string | null;
  readonly version: string | null;
  /** Null where there is none, or none that can be parsed. */
  readonly purl: ParsedPurl | null;
  /** As written. */
  readonly purlText: string | null;
  /** Digests that are strong enough to name an artifact, best first. */
  readonly digests: readonly string[];
};

export type Bom = {
  readonly specVersion: string;
  readonly serialNumber: string | null;
  readonly value: JsonObject;
  readonly root: Component | null;
  /** Nested components too, each after the one that it is nested in. */
  readonly components: readonly Component[];
};

const SPEC_VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'];
const WEAK = new Set(['md5', 'sha1']);

export function isBom(value: JsonObject): boolean {
  return (
    'bomFormat' in value ||
    (typeof value['$schema'] === 'string' && value['$schema'].includes('cyclonedx.org/schema/bom'))
  );
}

/**
 * Reads what a CycloneDX document lists, tolerating whatever a single component does wrong.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 * @see https://cyclonedx.org/docs/1.7/json/
 */
export function readBom(value: JsonObject): Bom {
  const specVersion = checkVersion(value);
  const metadata = isObject(value['metadata']) ? value['metadata'] : {};
  const root = metadata['component'];
  const found: Component[] = [];
  // A nested component of the root is a component like any other.
  const nested = isObject(root)
    ? collect(root['components'], 'metadata.component.components', found)
    : found;
  return {
    specVersion,
    serialNumber: asText(value['serialNumber']),
    value,
    root: isObject(root) ? toComponent(root, 'metadata.component') : null,
    components: collect(value['components'], 'components', nested),
  };
}

/** @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED */
export function checkVersion(value: JsonObject): string {
  if (value['bomFormat'] !== 'CycloneDX') {
    throw malformed(
      `The document's 'bomFormat' is ${JSON.stringify(value['bomFormat'])}; it must be "CycloneDX".`,
      'bomFormat',
    );
  }
  const version = value['specVersion'];
  if (typeof version !== 'string' || !SPEC_VERSIONS.includes(version)) {
    throw unsupported(
      `The document's 'specVersion' is ${JSON.stringify(version)}; this service reads CycloneDX ${SPEC_VERSIONS.join(', ')}.`,
      'specVersion',
    );
  }
  return version;
}

function collect(value: unknown, path: string, found: Component[]): Component[] {
  for (const [index, component] of asArray(value).entries()) {
    if (!isObject(component)) continue;
    const at = `${path}.${index}`;
    found.push(toComponent(component, at));
    collect(component['components'], `${at}.components`, found);
  }
  return found;
}

function toComponent(value: JsonObject, path: string): Component {
  const version = asText(value['version']);
  const hashes = objectsOf(value['hashes']).flatMap(({ alg, content }): [string, unknown][] =>
    typeof alg === 'string' && !WEAK.has(canonicalAlgorithm(alg)) ? [[alg, content]] : [],
  );
  return {
    path,
    bomRef: asText(value['bom-ref']),
    type: asText(value['type']),
    name: asText(value['name']),
    version,
    purl: withVersionBeside(tryParsePurl(value['purl']), version),
    purlText: asText(value['purl']),
    digests: digestKeys(Object.fromEntries(hashes)),
  };
}
