import { digestProblem } from '../../model/digest.ts';
import { fileEdges } from '../../model/file-edges.ts';
import { tryThingRef } from '../../model/keys.ts';
import { refId, type NodeRef } from '../../model/node.ts';
import { sourceOf } from '../../model/package-match.ts';
import { isNameOnly, packageName } from '../../model/package-name.ts';
import { identifierProblem } from '../../model/text.ts';
import { stated } from '../../model/change.ts';
import type { DocumentChanges } from '../changes.ts';
import { recordArtifact, recordPackage, recordPackageVersion } from '../identity.ts';
import type { Component } from './component-facts.ts';

/** Where a component is found in the graph. */
export type Recorded = {
  readonly node: NodeRef;
  /** Its package version, if it is one; DEPENDS_ON joins only these. */
  readonly version: NodeRef | null;
  /**
   * The very file, where it has a package URL, which may name another one as well, or turn out to be said of one: what contains the
   * component contains both.
   */
  readonly file: NodeRef | null;
};

/** Types of components whose version may be the digest of their bytes, as image scanners write it. */
const DIGEST_VERSIONED = new Set(['container', 'file']);

/** The thing that the document describes: an artifact wherever a digest is known, else a package version. */
export function recordRoot(
  changes: DocumentChanges,
  component: Component,
  sha256: string,
): Recorded {
  const { purl, name, digests } = component;
  const mediaType = mediaTypeOf(component);
  const node = recordArtifact(changes, digests, true, { name, mediaType, purl });
  if (node === null) return recordComponent(changes, component, sha256);
  const version = purl === null ? null : recordPackageVersion(changes, purl, true);
  return { node, version, file: null };
}

/** The thing that the submitter says the document is about; null where it cannot be a document's subject. */
export function recordAbout(changes: DocumentChanges, about: string | null): Recorded | null {
  const ref = about === null ? null : tryThingRef(about);
  if (ref === null || (ref.label !== 'Artifact' && ref.label !== 'PackageVersion')) return null;
  const node = changes.refer(ref.label, ref.key);
  return { node, version: node.label === 'PackageVersion' ? node : null, file: null };
}

/**
 * What a document is about that travels in an attestation: the attested artifacts, each by its digest, and the digest that the
 * document gives its own root, where that is another one (an image of an index). A single subject belongs to what the root is called, and
 * is not the published file of that name: `npm sbom` names the package of an application whose image is attested. Of several subjects,
 * nobody knows which it means.
 */
export function rootsOfSubjects(
  changes: DocumentChanges,
  root: Component | null,
  subjects: readonly NodeRef[],
  sha256: string,
): Recorded[] {
  const attested = subjects.map((node) => ({ node, version: null, file: null }));
  if (root === null) return attested;
  const [first, ...others] = attested;
  if (first === undefined) return [recordRoot(changes, root, sha256)];
  if (root.digests.length > 0 || digestOf(root) !== null) {
    const own = recordRoot(changes, root, sha256);
    const isAttested = subjects.some((node) => refId(node) === refId(own.node));
    return isAttested
      ? [own, ...attested.filter(({ node }) => refId(node) !== refId(own.node))]
      : [...attested, own];
  }
  if (others.length > 0 || root.purl === null) return attested;
  const version = recordPackageVersion(changes, root.purl, true);
  if (version === null) recordArtifact(changes, [first.node.key], true, { purl: root.purl });
  else changes.link('DISTRIBUTION_OF', first.node, version);
  return [{ ...first, version }];
}

/** A component by purl; without one it belongs to this document alone, and is never merged by name. */
export function recordComponent(
  changes: DocumentChanges,
  component: Component,
  sha256: string,
): Recorded {
  const { purl, name } = component;
  const digest = digestOf(component);
  const mediaType = mediaTypeOf(component);
  const image =
    digest === null ? null : recordArtifact(changes, [digest], true, { name, mediaType, purl });
  if (image !== null) return { node: image, version: null, file: null };
  const node = recordVersion(changes, component, sha256);
  const file = recordArtifact(changes, component.digests, true);
  if (file === null) return { node, version: node, file };
  for (const { type, from, to } of fileEdges(file.key, component.digests, node.key)) {
    changes.link(type, from, to);
  }
  return { node, version: node, file: node.key.startsWith('pkg:') ? file : null };
}

/** Whoever reads an index as an image has to know that it is one; OCI's and Docker's differ in nothing that is asked here. */
function mediaTypeOf({ isImageIndex }: Component): string | null {
  return isImageIndex ? 'application/vnd.oci.image.index.v1+json' : null;
}

function recordVersion(changes: DocumentChanges, component: Component, sha256: string): NodeRef {
  const { purl, name, version, type } = component;
  const kind = stated({ componentType: type });
  const named = purl === null ? null : recordPackageVersion(changes, purl, true);
  if (named !== null && purl !== null) {
    const stated = component.source?.name === purl.name ? null : component.source;
    const source = stated ?? sourceOf(purl);
    const other = isNameOnly(purl.type) ? purl.name : (source?.name ?? null);
    const unidentified = other === null ? null : { matchName: packageName(other) };
    return changes.state('PackageVersion', named.key, {
      ...{ kind, unidentified },
      source: stated === null ? null : { sourceName: stated.name, sourceVersion: stated.version },
    });
  }
  const node = changes.state('PackageVersion', localKey(component, sha256), {
    name: stated({ name, version }),
    kind,
    unidentified:
      purl === null && name !== null
        ? stated({ matchName: packageName(withoutVersion(name, version)) })
        : null,
  });
  if (purl !== null) changes.link('VERSION_OF', node, recordPackage(changes, purl));
  return node;
}

/** `openssl-3.0.7` of the version `3.0.7`, as some tools name a component. */
function withoutVersion(name: string, version: string | null): string {
  if (version === null || version === '' || !name.endsWith(version)) return name;
  return /^(.+?)[-_:@\s]+v?$/i.exec(name.slice(0, -version.length))?.[1] ?? name;
}

/** The digest that the component's own identity is made of. */
function digestOf({ purl, type, version }: Component): string | null {
  if (purl?.digest !== undefined && purl.digest !== null) return purl.digest;
  const isDigest = version !== null && type !== null && DIGEST_VERSIONED.has(type);
  return isDigest && version.startsWith('sha') && digestProblem(version) === null ? version : null;
}

function localKey({ bomRef, path }: Component, sha256: string): string {
  const key = `${sha256}#${bomRef ?? path}`;
  return identifierProblem(key) === null ? key : `${sha256}#${path}`;
}
