import type { NodeRef } from '../model/node.ts';
import type { ParsedPurl } from '../model/purl.ts';
import { stated, type DocumentChanges } from './changes.ts';

/** The artifact of a digest set: the best digest is the artifact, each further digest is another name of it. */
export function recordArtifact(
  changes: DocumentChanges,
  digests: readonly [string, ...string[]],
  resolved: boolean,
  facts: { name?: string | null; mediaType?: string | null; url?: string | null } = {},
): NodeRef {
  const [best, ...others] = digests;
  const artifact = changes.node('Artifact', best, resolved, {
    name: stated({ name: facts.name ?? null }),
    media: stated({ mediaType: facts.mediaType ?? null }),
    link: stated({ url: facts.url ?? null }),
  });
  for (const other of others) {
    changes.alias('SAME_AS', artifact, changes.node('Artifact', other, resolved));
  }
  return artifact;
}

/** The version that a purl names, with its package; null where the purl names none (no version, a tag, a digest). */
export function recordPackageVersion(
  changes: DocumentChanges,
  purl: ParsedPurl,
  resolved: boolean,
): NodeRef | null {
  if (purl.version === null || purl.mutable || purl.digest !== null) return null;
  const version = changes.node('PackageVersion', purl.purl, resolved, {
    name: stated({ name: purl.name, version: purl.version }),
  });
  changes.link('VERSION_OF', version, recordPackage(changes, purl));
  return version;
}

export function recordPackage(changes: DocumentChanges, purl: ParsedPurl): NodeRef {
  return changes.state('Package', purl.packageKey, {
    name: { name: purl.name, purlType: purl.type, namespace: purl.namespace },
  });
}

/** Joins an artifact to what a purl calls it: a package version is the same thing; a tag only resolves to it. */
export function recordPackaging(
  changes: DocumentChanges,
  artifact: NodeRef,
  purl: ParsedPurl,
  resolved: boolean,
): void {
  const version = recordPackageVersion(changes, purl, resolved);
  if (version !== null) changes.alias('PACKAGED_AS', artifact, version);
  else if (purl.mutable && purl.digest === null) {
    changes.link('RESOLVED_TO', changes.node('Resource', purl.purl, resolved), artifact);
  }
}
