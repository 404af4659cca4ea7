import { tryParsePurl, type ParsedPurl } from '../../model/purl.ts';

/** Types whose purl has a digest or a tag in the place of the version: a version beside it is neither. */
const IMAGE_TYPES = new Set(['docker', 'oci']);
/** What tools write where they know no version. */
const NO_VERSION = /^(?:unknown|unspecified|undefined|null|none|n\/?a|noassertion|\*|-+)$/i;

/**
 * The version of a component may stand in its purl or beside it; beside it, it belongs to the purl all the same. An epoch of RPM
 * is a qualifier in the purl, and part of the version elsewhere. A purl that has a version keeps it.
 *
 * @see https://cyclonedx.org/docs/1.7/json/#components_items_version
 */
export function withVersionBeside(
  purl: ParsedPurl | null,
  version: string | null,
): ParsedPurl | null {
  if (purl?.version !== null || version === null) return purl;
  if (IMAGE_TYPES.has(purl.type) || NO_VERSION.test(version.trim())) return purl;
  const epoch = purl.type === 'rpm' ? /^(\d+):(?=.)/.exec(version.trim()) : null;
  const plain = version.trim().slice(epoch?.[0].length ?? 0);
  const at = purl.purl.search(/[?#]/);
  const [base, rest] = at === -1 ? [purl.purl, ''] : [purl.purl.slice(0, at), purl.purl.slice(at)];
  const versioned = tryParsePurl(
    `${base}@${encodeURIComponent(plain)}${withEpoch(rest, epoch?.[1])}`,
  );
  return versioned ?? purl;
}

/** The qualifiers and subpath of a purl with an epoch, unless they have one. */
function withEpoch(rest: string, epoch: string | undefined): string {
  if (epoch === undefined || /[?&]epoch=/.test(rest)) return rest;
  return rest.startsWith('?') ? `?epoch=${epoch}&${rest.slice(1)}` : `?epoch=${epoch}${rest}`;
}
