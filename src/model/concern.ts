import { tryThingRef } from './keys.ts';
import type { NodeRef } from './node.ts';
import { tryParsePurl } from './purl.ts';

/**
 * What an advisory or a VEX statement says of one thing. It is kept on the edge CONCERNS as it was stated, and compared with what
 * runs when a question is asked: so that versions that come later or came before are met, whatever the order of arrival.
 */
export type Concern = {
  /** The package URL, canonical; null where the thing is the end of the edge itself. */
  readonly purl: string | null;
  /** A VERS range of versions of the package; null = what the package URL says. */
  readonly range: string | null;
  readonly status: ConcernStatus;
  readonly justification: string | null;
  /** `Label:key` of the product inside of which it holds; null = everywhere. */
  readonly within: string | null;
};

/**
 * `affected` by an advisory, with `unknown` where its author cannot tell; `found` to be affected, or left `open`, by a scanner or the
 * author of a product, who says nothing of anything else; the others are the states of VEX.
 *
 * @see OpenVEX 0.2.0, status labels; CycloneDX 1.6, vulnerabilities[].analysis.state and affects[].versions[].status
 */
export const CONCERN_STATUSES = [
  'affected',
  'unknown',
  'found',
  'open',
  'vex_affected',
  'not_affected',
  'fixed',
  'under_investigation',
] as const;
export type ConcernStatus = (typeof CONCERN_STATUSES)[number];

const OF_ADVISORIES: ReadonlySet<ConcernStatus> = new Set(['affected', 'unknown', 'found', 'open']);

/** Whether it is a word on a product, as VEX has them. */
export function isVexStatus(status: ConcernStatus): boolean {
  return !OF_ADVISORIES.has(status);
}

/** What a reference of an advisory names. */
export type Reference = {
  /** The thing itself: exactly this version, digest or link; null where the reference names a whole package or a range of it. */
  readonly thing: NodeRef | null;
  /** The package, where the reference is a package URL. */
  readonly package: NodeRef | null;
  readonly purl: string | null;
  readonly range: string | null;
};

/** A BOM-Link: a component (or service, or vulnerability) of a CycloneDX document. */
const BOM_LINK = /^urn:(?:cdx|uuid):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d+)#(.+)$/i;

/**
 * Reads a reference of an advisory or a VEX statement: a package URL with or without version, a package URL with a range
 * (`?vers=vers:npm/<1.2.3`, or in the place of the version), a digest, a BOM-Link or another URI. Null where it names nothing.
 *
 * @see https://github.com/package-url/vers-spec, https://cyclonedx.org/capabilities/bomlink/
 */
export function parseReference(text: string): Reference | null {
  const stated = text.trim();
  if (/^pkg:/i.test(stated)) return packageReference(stated);
  const link = parseBomLink(stated);
  if (link !== null) {
    return { thing: { label: 'Resource', key: link.key }, package: null, purl: null, range: null };
  }
  const thing = tryThingRef(stated);
  return thing === null ? null : { thing, package: null, purl: null, range: null };
}

function packageReference(text: string): Reference | null {
  const { bare, range } = takeRange(text);
  const purl = tryParsePurl(bare);
  if (purl === null) return null;
  const pkg: NodeRef = { label: 'Package', key: purl.packageKey };
  const all = { package: pkg, purl: purl.purl, range };
  if (purl.digest !== null) {
    return { ...all, thing: { label: 'Artifact', key: purl.digest }, package: null, purl: null };
  }
  // an image's tag moves, so it names no version
  if (purl.mutable) return { ...all, thing: { label: 'Resource', key: purl.purl }, package: null };
  if (purl.version === null || range !== null) return { ...all, thing: null };
  return { ...all, thing: { label: 'PackageVersion', key: purl.purl } };
}

/** Takes the range out of a package URL: the qualifier `vers`, or a version that is a range. */
function takeRange(text: string): { bare: string; range: string | null } {
  const qualifier = /([?&])vers=([^&#]*)(&?)/i.exec(text);
  if (qualifier !== null) {
    const [whole = '', before = '', value = '', after = ''] = qualifier;
    const bare = text.replace(whole, after === '' ? '' : before);
    return { bare, range: decode(value) };
  }
  const version = /^(pkg:[^?#]*?)@(vers(?::|%3a)[^?#]*)(.*)$/i.exec(text);
  if (version === null) return { bare: text, range: null };
  const [, path = '', range = '', rest = ''] = version;
  return { bare: `${path}${rest}`, range: decode(range) };
}

export type BomLink = {
  /** The canonical link. */
  readonly key: string;
  /** `urn:uuid:…`, as the document states it. */
  readonly serialNumber: string;
  readonly version: number;
  /** The bom-ref, decoded. */
  readonly bomRef: string;
};

/** A link to an element of a CycloneDX document; null where it is none. */
export function parseBomLink(text: string): BomLink | null {
  const found = BOM_LINK.exec(text);
  if (found === null) return null;
  const [, uuid = '', version = '', fragment = ''] = found;
  const bomRef = decode(fragment);
  return {
    key: `urn:cdx:${uuid.toLowerCase()}/${Number(version)}#${encodeURIComponent(bomRef)}`,
    serialNumber: `urn:uuid:${uuid.toLowerCase()}`,
    version: Number(version),
    bomRef,
  };
}

/** A concern as the edge keeps it. */
export function concernText({ purl, range, status, justification, within }: Concern): string {
  return JSON.stringify([purl, range, status, justification, within]);
}

/** What concernText wrote; null where it is something else. */
export function parseConcern(text: string): Concern | null {
  const value = JSON.parse(text) as unknown; // written by concernText
  if (!Array.isArray(value)) return null;
  const [purl, range, status, justification, within] = value as (string | null)[];
  if (!CONCERN_STATUSES.includes(status as ConcernStatus)) return null;
  return {
    purl: purl ?? null,
    range: range ?? null,
    status: status as ConcernStatus, // one of them
    justification: justification ?? null,
    within: within ?? null,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
