import { digestKeys } from '../../model/digest.ts';
import { tryThingRef } from '../../model/keys.ts';
import { tryParsePurl } from '../../model/purl.ts';
import type { Statement } from '../envelope.ts';
import { textField, type CdEvent } from './event.ts';

type ArtifactFacts = {
  readonly digest?: string;
  readonly otherDigests?: string[];
  readonly name?: string;
  readonly purl?: string;
};

/**
 * What an `artifactId` names: an artifact, where it holds a digest as version (`pkg:oci/app@sha256%3A…`), as `checksum` qualifier,
 * behind an image name, or alone; else the version of a package. Null for anything else, such as a tag, which names no version.
 */
export function artifactOf(artifactId: string): ArtifactFacts | null {
  const purl = tryParsePurl(artifactId);
  if (purl === null) {
    const ref = tryThingRef(artifactId);
    return ref?.label === 'Artifact' ? { digest: ref.key } : null;
  }
  if (purl.digest !== null) return { digest: purl.digest, name: purl.name };
  const [digest, ...otherDigests] = checksums(purl.purl);
  if (digest === undefined) {
    return purl.version === null || purl.mutable ? null : { name: purl.name, purl: purl.purl };
  }
  return {
    digest,
    name: purl.name,
    purl: purl.purl,
    ...(otherDigests.length === 0 ? {} : { otherDigests }),
  };
}

export const ARTIFACT_MAPPINGS: Readonly<Record<string, (event: CdEvent) => Statement[] | null>> = {
  'artifact.packaged': (event) => {
    const artifact = artifactOf(event.subject.id);
    return artifact === null ? null : [{ type: 'artifact.created', data: artifact }];
  },
  'artifact.published': (event) => {
    const artifact = artifactOf(event.subject.id);
    if (artifact === null) return null;
    return [
      { type: 'artifact.published', data: { ...artifact, location: imageTag(event.subject.id) } },
    ];
  },
  'artifact.signed': (event) => {
    const digest = artifactOf(event.subject.id)?.digest;
    if (digest === undefined) return null;
    const signature = textField(event, 'signature');
    return [{ type: 'artifact.signed', data: { digest, signature } }];
  },
  'artifact.deleted': (event) => {
    const digest = artifactOf(event.subject.id)?.digest;
    return digest === undefined ? null : [{ type: 'artifact.deleted', data: { digest } }];
  },
};

/** `checksum=sha256:…,sha1:…`, best first. */
function checksums(purl: string): string[] {
  const set: Record<string, string> = {};
  for (const entry of (qualifier(purl, 'checksum') ?? '').split(',')) {
    const at = entry.indexOf(':');
    if (at > 0) set[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return digestKeys(set);
}

/** The tag that a `pkg:oci` states with its registry; it resolves to the digest from now on. */
function imageTag(artifactId: string): string | undefined {
  const repository = qualifier(artifactId, 'repository_url');
  const tag = qualifier(artifactId, 'tag');
  if (!artifactId.startsWith('pkg:oci/') || repository === null || tag === null) return undefined;
  return `docker://${repository.replace(/^[a-z]+:\/\//, '')}:${tag}`;
}

function qualifier(purl: string, name: string): string | null {
  const query = /\?([^#]*)/.exec(purl)?.[1];
  const value = query === undefined ? null : new URLSearchParams(query).get(name);
  return value === '' ? null : value;
}
