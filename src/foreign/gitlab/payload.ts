import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { repositoryKey } from '../../model/repository-key.ts';
import {
  contentId,
  malformed,
  parseShape,
  timeOf,
  toEnvelope,
  type EnvelopeAttributes,
  type Statement,
} from '../envelope.ts';
import { number, text } from '../webhook.ts';

export { number, sha, text } from '../webhook.ts';

const project = z.looseObject({ id: number.nullish().catch(null), web_url: text, homepage: text });
const place = z.looseObject({
  project: project.nullish().catch(null),
  project_id: number.nullish().catch(null),
  repository: z.looseObject({ homepage: text }).nullish().catch(null),
});

/** One webhook, and what its envelopes have in common. */
export type GitlabWebhook = {
  /** `object_kind`, or in system hooks `event_name`. */
  readonly kind: string;
  readonly payload: unknown;
  /** Key of the project's repository; the source of every envelope. */
  readonly project: string;
  /** The page of the project as it is written. */
  readonly page: string;
  readonly projectId: string | null;
};

/** @throws StemmaError EVENT_MALFORMED where the payload does not say where the project is */
export function openWebhook(kind: string, payload: unknown): GitlabWebhook {
  const { project, project_id: id, repository } = parseShape(place, payload, `GitLab ${kind}`);
  const page = project?.web_url ?? project?.homepage ?? repository?.homepage;
  if (!page) throw malformed(`GitLab ${kind}`, 'project.web_url', 'is missing: a URL is required');
  const projectId = project?.id ?? id ?? null;
  return {
    ...{ kind, payload, page, project: repositoryKey(page, true) },
    projectId: projectId === null ? null : String(projectId),
  };
}

export function parsePayload<T extends z.ZodType>(schema: T, hook: GitlabWebhook): z.output<T> {
  return parseShape(schema, hook.payload, `GitLab ${hook.kind}`);
}

/** A webhook has no id: that of an envelope names what it is about and ends in a hash of what it says of it. */
export function toHookEnvelope(
  { project: source }: GitlabWebhook,
  attributes: Omit<EnvelopeAttributes, 'source'>,
  statement: Statement,
): Envelope {
  const envelope = toEnvelope({ source, ...attributes }, statement);
  const { type, data, time } = envelope;
  return { ...envelope, id: `${envelope.id}/${contentId({ type, data, time }, 12)}` };
}

/** GitLab writes times as `2016-08-12 15:23:28 UTC`, `2021-04-28 21:50:00 +0200` or in RFC 3339. */
export function hookTime(value: string | null | undefined): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) (?:(UTC)|([+-]\d\d):?(\d\d))$/.exec(
    value ?? '',
  );
  if (parts === null) return timeOf(value);
  const [, day = '', clock = '', utc, hours = '', minutes = ''] = parts;
  return timeOf(`${day}T${clock}${utc === undefined ? `${hours}:${minutes}` : 'Z'}`);
}
