import { digestProblem } from '../../../model/digest.ts';
import type { NodeRef } from '../../../model/node.ts';
import { tryThingRef } from '../../../model/keys.ts';
import { stated } from '../../../model/change.ts';
import { createChanges, type DocumentChanges } from '../../changes.ts';
import { recordArtifact } from '../../identity.ts';
import { asObject, asText, clip, malformed, objectsOf, type JsonObject } from '../../json.ts';
import { warningsFacet, type Warnings } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const INDEX_TYPES = [OCI_INDEX, 'application/vnd.docker.distribution.manifest.list.v2+json'];
const IMAGE_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** What the image of an OCI layout is called (image-layout.md; containerd writes the second one). */
const NAMES = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'];

/** An image index, or Docker's manifest list. */
export function isImageIndex(value: JsonObject): boolean {
  if (value['schemaVersion'] !== 2 || !Array.isArray(value['manifests'])) return false;
  const mediaType = asText(value['mediaType']);
  return mediaType === null || INDEX_TYPES.includes(mediaType);
}

/**
 * What an image index says: which images it consists of. Its digest is that of its bytes, unless `about` names another one (somebody
 * has written it down in another layout). The `index.json` of an OCI layout is not an image itself: what it lists are. Attestations that
 * BuildKit attaches to the images are not images.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 * @see https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 * @throws StemmaError DOCUMENT_MALFORMED where it lists nothing that can be read
 */
export function parseImageIndex(value: JsonObject, options: ParseOptions): ParsedDocument {
  const { sha256, size, warnings } = options;
  const changes = createChanges(warnings);
  const listed = objectsOf(value['manifests']);
  const images = listed.flatMap((entry, at) => {
    const image = recordImage(changes, entry, `manifests.${at}`, warnings);
    return image === null ? [] : [{ image, isNamed: isNamed(entry) }];
  });
  if (images.length === 0) {
    throw malformed('The image index lists no image: nothing of it can be read.');
  }
  const own = images.every((one) => one.isNamed) ? null : recordIndex(changes, value, options);
  const document = changes.state('Document', sha256, {
    info: {
      format: 'oci-image-index',
      mediaType: asText(value['mediaType']) ?? OCI_INDEX,
      size,
    },
    warnings: warningsFacet(warnings),
  });
  for (const { image } of images) {
    if (own === null) changes.link('DESCRIBES', document, image);
    else changes.link('CONTAINS', own, image);
  }
  if (own !== null) changes.link('DESCRIBES', document, own);
  return {
    format: 'oci-image-index',
    changes: changes.finish({ subject: document, claim: sha256, validFrom: null }),
    warnings: warnings.list(),
  };
}

function recordIndex(
  changes: DocumentChanges,
  value: JsonObject,
  { sha256, about }: ParseOptions,
): NodeRef {
  const named = about === null ? null : tryThingRef(about);
  const key = named?.label === 'Artifact' ? named.key : `sha256:${sha256}`;
  const mediaType = asText(value['mediaType']) ?? OCI_INDEX;
  return changes.state('Artifact', key, { media: stated({ mediaType }) });
}

/** Null where it is not an image. */
function recordImage(
  changes: DocumentChanges,
  entry: JsonObject,
  path: string,
  warnings: Warnings,
): NodeRef | null {
  const mediaType = asText(entry['mediaType']);
  if (isAttestation(entry)) return null;
  if (mediaType === null || ![...INDEX_TYPES, ...IMAGE_TYPES].includes(mediaType)) {
    warnings.add(
      path,
      `'${path}' is '${clip(mediaType ?? '', 80)}', not an image: it is left out.`,
    );
    return null;
  }
  const digest = asText(entry['digest'])?.toLowerCase() ?? '';
  const problem = digestProblem(digest);
  if (problem !== null) {
    warnings.add(path, `'${path}' is left out: ${problem}`);
    return null;
  }
  return recordArtifact(changes, [digest], true, { mediaType });
}

/** How many of the entries are attestations of BuildKit, which say something only where they are sent themselves. */
export function attestationsIn(value: JsonObject): number {
  return objectsOf(value['manifests']).filter(isAttestation).length;
}

function isAttestation(entry: JsonObject): boolean {
  return asObject(entry['annotations'])['vnd.docker.reference.type'] === 'attestation-manifest';
}

/** As the entry of a layout: an image of an index has a platform and needs no name. */
function isNamed(entry: JsonObject): boolean {
  const annotations = asObject(entry['annotations']);
  return (
    entry['platform'] === undefined && NAMES.some((name) => asText(annotations[name]) !== null)
  );
}
