import { z } from 'zod';
import { digestKeys } from '../../model/digest.ts';
import type { Envelope } from '../../model/event.ts';
import { tryThingRef } from '../../model/keys.ts';
import { tryParsePurl } from '../../model/purl.ts';
import { timeOf } from '../envelope.ts';
import { number, parsePayload, text, toWebhookEnvelope, type Webhook } from './payload.ts';

const size = z.int().nonnegative().nullish().catch(null);

const release = z.looseObject({
  action: z.string(),
  release: z.looseObject({
    id: number,
    tag_name: z.string().min(1),
    draft: z.boolean().nullish(),
    created_at: text,
    published_at: text,
    assets: z
      .array(
        z.looseObject({
          id: number,
          name: text,
          content_type: text,
          size,
          digest: text,
          browser_download_url: text,
        }),
      )
      .nullish(),
  }),
});

/** A release makes its tag known, and its assets where they state a digest. A draft has no tag yet. */
export function mapRelease(webhook: Webhook): Envelope[] {
  const { action, release: subject } = parsePayload(release, webhook);
  if ((action !== 'published' && action !== 'created') || subject.draft === true) return [];
  const time = timeOf(subject.published_at) ?? timeOf(subject.created_at);
  const id = `release/${subject.id}/${action}/${time ?? '-'}`;
  const tag = toWebhookEnvelope(
    webhook,
    { id, time },
    {
      type: 'source.branch.created',
      data: { repository: webhook.repository, name: subject.tag_name, refType: 'tag' },
    },
  );
  const assets = (subject.assets ?? []).flatMap((asset) => {
    const ref = asset.digest ? tryThingRef(asset.digest) : null;
    if (ref?.label !== 'Artifact') return [];
    return toWebhookEnvelope(
      webhook,
      { id: `${id}/${asset.id}`, time, subject: ref.key },
      {
        type: 'artifact.published',
        data: {
          digest: ref.key,
          name: asset.name ?? undefined,
          mediaType: asset.content_type ?? undefined,
          size: asset.size ?? undefined,
          location: asset.browser_download_url ?? undefined,
        },
      },
    );
  });
  return [tag, ...assets];
}

const packaged = z.looseObject({
  id: number,
  name: z.string().min(1),
  package_type: text,
  updated_at: text,
  created_at: text,
  package_version: z.looseObject({
    id: number,
    version: z.string().min(1),
    package_url: text,
    container_metadata: z
      .looseObject({ manifest: z.looseObject({ media_type: text, size }).nullish().catch(null) })
      .nullish()
      .catch(null),
    package_files: z
      .array(
        z.looseObject({
          id: number,
          name: text,
          sha256: text,
          sha1: text,
          md5: text,
          content_type: text,
          size,
        }),
      )
      .nullish()
      .catch(null),
  }),
  registry: z.looseObject({ type: text, url: text }).nullish().catch(null),
});

type Package = z.output<typeof packaged>;

/** `package` and `registry_package`: an image by its digest, else the files by theirs. */
export function mapPackage(webhook: Webhook): Envelope[] {
  const shape = z.looseObject({ action: z.string(), [webhook.event]: packaged });
  const payload = parsePayload(shape, webhook);
  if (payload['action'] !== 'published') return [];
  const subject = payload[webhook.event] as Package; // the shape has validated this field
  const version = subject.package_version;
  const time = timeOf(subject.updated_at) ?? timeOf(subject.created_at);
  const id = `${webhook.event}/${version.id}/published/${time ?? '-'}`;
  const image = tryThingRef(version.version);
  if (image?.label === 'Artifact') {
    const manifest = version.container_metadata?.manifest;
    const data = {
      digest: image.key,
      name: subject.name,
      mediaType: manifest?.media_type ?? undefined,
      size: manifest?.size ?? undefined,
      location: imageTag(version.package_url),
    };
    const attributes = { id, time, subject: image.key };
    return [toWebhookEnvelope(webhook, attributes, { type: 'artifact.published', data })];
  }
  const purl = purlOf(subject);
  return (version.package_files ?? []).flatMap((file) => {
    const [digest, ...otherDigests] = digestKeys({
      sha256: file.sha256,
      sha1: file.sha1,
      md5: file.md5,
    });
    if (digest === undefined) return [];
    const data = {
      digest,
      otherDigests: otherDigests.length === 0 ? undefined : otherDigests,
      name: file.name ?? subject.name,
      purl,
      mediaType: file.content_type ?? undefined,
      size: file.size ?? undefined,
      // `download_url` is a signed URL: a secret for some minutes, useless afterwards.
    };
    const attributes = { id: `${id}/${file.id}`, time, subject: digest };
    return toWebhookEnvelope(webhook, attributes, { type: 'artifact.published', data });
  });
}

/** `ghcr.io/Owner/app:v1`: names of images are in lower case, tags are not. */
function imageTag(packageUrl: string | null | undefined): string | undefined {
  const parts = /^(?:docker:\/\/)?([^\s:@]+(?::\d+)?\/[^\s:@]+):([\w][\w.-]*)$/.exec(
    packageUrl ?? '',
  );
  return parts === null
    ? undefined
    : `docker://${(parts[1] ?? '').toLowerCase()}:${parts[2] ?? ''}`;
}

/** npm alone says enough in its payload: the scope is the end of the registry's URL. */
function purlOf(subject: Package): string | undefined {
  const { registry, package_type: type, package_version: version } = subject;
  const scope = /^https:\/\/([^/]+)\/@([\w-]+)$/.exec(registry?.url ?? '');
  if (type !== 'npm' || registry?.type !== 'npm' || scope === null) return undefined;
  const [, host = '', owner = ''] = scope;
  const name = subject.name.replace(/^@[^/]+\//, '');
  const text = `pkg:npm/%40${owner.toLowerCase()}/${name}@${version.version}?repository_url=https://${host}`;
  return tryParsePurl(text)?.purl;
}
