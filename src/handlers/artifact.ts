import { fileEdges } from '../model/file-edges.ts';
import { buildKey, thingRef } from '../model/keys.ts';
import type { NodeRef } from '../model/node.ts';
import { checkKey } from '../model/text.ts';
import { withoutUser } from '../model/uri.ts';
import { stated } from '../model/change.ts';
import { createCollector } from './collector.ts';
import type { Handler } from './handler.ts';

export const artifactCreated: Handler<'artifact.created'> = (data, { envelope, at }) => {
  const changes = createCollector();
  const artifact = changes.artifact(data);
  if (artifact.label === 'Artifact') {
    changes.state('Artifact', artifact.key, { created: { createdAt: at } });
  }
  if (data.build !== undefined) {
    changes.generated(artifact, {
      label: 'Build',
      key: buildKey(data.build, data.builder ?? envelope.source),
    });
  }
  for (const part of data.contains ?? []) {
    const ref = changes.refer(part);
    if (ref.label === 'Artifact' || ref.label === 'PackageVersion') {
      // a list does not say what depends on what
      changes.link('CONTAINS', artifact, ref, { direct: false });
    }
  }
  for (const origin of data.derivedFrom ?? []) {
    const ref = changes.refer(origin);
    // a package version is not a thing with an origin of its own: its artifacts are
    if (artifact.label === 'Artifact' && (ref.label === 'Artifact' || ref.label === 'Resource')) {
      changes.link('DERIVED_FROM', artifact, ref);
    }
  }
  return changes.finish({ subject: artifact });
};

export const artifactPublished: Handler<'artifact.published'> = (data, { envelope, at }) => {
  const changes = createCollector();
  const artifact = changes.artifact(data);
  if (artifact.label === 'Artifact') {
    changes.state('Artifact', artifact.key, {
      published: stated({
        publishedAt: at,
        publishedTo: data.location === undefined ? undefined : withoutUser(data.location),
      }),
    });
  }
  if (data.build !== undefined) {
    changes.generated(artifact, {
      label: 'Build',
      key: buildKey(data.build, envelope.source),
    });
  }
  const location =
    data.location === undefined || artifact.label !== 'Artifact' ? null : thingRef(data.location);
  if (location?.label === 'Resource') changes.link('RESOLVED_TO', location, artifact);
  if (location?.label === 'PackageVersion') {
    for (const { type, from, to } of fileEdges(artifact.key, [], location.key)) {
      changes.link(type, from, to);
    }
  }
  return changes.finish({ subject: artifact });
};

export const artifactSigned: Handler<'artifact.signed'> = (data) => {
  const changes = createCollector();
  const artifact: NodeRef = { label: 'Artifact', key: data.digest };
  const signer = data.signer;
  if (signer !== undefined) {
    const identity =
      'issuer' in signer
        ? changes.state('Identity', checkKey(`${signer.issuer} ${signer.subject}`, 'signer'), {
            name: { issuer: signer.issuer, subject: signer.subject },
          })
        : changes.state(
            'Identity',
            `key:sha256:${signer.keyFingerprint.replace(/^(key:)?sha256:/i, '')}`,
          );
    changes.link('SIGNED_BY', artifact, identity);
  }
  return changes.finish({ subject: artifact });
};

export const artifactDeleted: Handler<'artifact.deleted'> = (data, { at }) => {
  const changes = createCollector();
  const artifact = changes.state('Artifact', data.digest, { deleted: { deletedAt: at } });
  return changes.finish({ subject: artifact });
};
