import { digestSet } from '../model/digest.ts';
import { fileEdges } from '../model/file-edges.ts';
import type { NodeRef } from '../model/node.ts';
import { isPlaceholder } from '../model/placeholder.ts';
import type { ParsedPurl } from '../model/purl.ts';
import { withoutUser } from '../model/uri.ts';
import { stated } from '../model/change.ts';
import type { DocumentChanges } from './changes.ts';

type Facts = {
  readonly name?: string | null;
  readonly mediaType?: string | null;
  readonly url?: string | null;
  /** What the file is called. */
  readonly purl?: ParsedPurl | null;
};

/**
 * The artifact of a digest set, joined to its other digests and to what its purl names (model/file-edges.ts): a package version,
 * or a tag, which resolves to it. Null where no digest of it identifies anything.
 */
export function recordArtifact(
  changes: DocumentChanges,
  digests: readonly string[],
  resolved: boolean,
  { name = null, mediaType = null, url = null, purl = null }: Facts = {},
): NodeRef | null {
  const set = digestSet(digests);
  if (set === null) return null;
  const artifact = changes.node('Artifact', set.best, resolved, {
    name: stated({ name: name === null ? null : withoutUser(name) }),
    media: stated({ mediaType }),
    link: stated({ url: url === null ? null : withoutUser(url) }),
  });
  for (const other of [...set.same, ...set.beside]) changes.node('Artifact', other, resolved);
  const version = purl === null ? null : recordPackageVersion(changes, purl, resolved);
  for (const { type, from, to } of fileEdges(set.best, digests, version?.key ?? null)) {
    changes.link(type, from, to);
  }
  if (purl?.mutable === true && purl.digest === null) {
    changes.link('RESOLVED_TO', changes.node('Resource', purl.purl, resolved), artifact);
  }
  return artifact;
}

/** The version that a purl names, with its package; null where the purl names none (no version, a tag, a digest, "unknown"). */
export function recordPackageVersion(
  changes: DocumentChanges,
  purl: ParsedPurl,
  resolved: boolean,
): NodeRef | null {
  const { version } = purl;
  if (version === null || purl.mutable || purl.digest !== null || isPlaceholder(version))
    return null;
  const ref = changes.node('PackageVersion', purl.purl, resolved, {
    name: stated({ name: purl.name, version }),
  });
  changes.link('VERSION_OF', ref, recordPackage(changes, purl));
  return ref;
}

export function recordPackage(changes: DocumentChanges, purl: ParsedPurl): NodeRef {
  return changes.state('Package', purl.packageKey, {
    name: { name: purl.name, purlType: purl.type, namespace: purl.namespace },
  });
}
