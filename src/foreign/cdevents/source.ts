import { isObjectId, repositoryKey } from '../../model/keys.ts';
import type { Statement } from '../envelope.ts';
import { referenceField, textField, type CdEvent, type Reference } from './event.ts';

export const SOURCE_MAPPINGS: Readonly<Record<string, (event: CdEvent) => Statement[] | null>> = {
  'change.merged': (event) => [
    {
      type: 'source.change.merged',
      data: {
        change: event.subject.id,
        commit: isObjectId(event.subject.id) ? event.subject.id : undefined,
        repository: repositoryOf(referenceField(event, 'repository')),
        title: textField(event, 'description'),
      },
    },
  ],
  'branch.created': (event) => {
    const repository = repositoryOf(referenceField(event, 'repository'));
    if (repository === undefined) return null;
    const name = event.subject.id.replace(/^refs\/heads\//, '');
    return [{ type: 'source.branch.created', data: { repository, name, refType: 'branch' } }];
  },
};

/** The URL of `{id: 'org/repo', source: 'https://host'}`, in any of the ways people split it; a bare name is not a repository. */
function repositoryOf(reference: Reference | null): string | undefined {
  if (reference === null) return undefined;
  const { id } = reference;
  const base = reference.source?.replace(/\/+$/, '') ?? null;
  if (/^[a-z0-9+.-]+:\/\/|^[^/\s]+@[^/\s]+:/i.test(id)) return repositoryUrl(id);
  if (base === null) return repositoryUrl(id);
  return repositoryUrl(base.endsWith(`/${id}`) ? base : `${base}/${id}`);
}

function repositoryUrl(text: string): string | undefined {
  const key = repositoryKey(text);
  return /^https:\/\/[^/\s]+\/\S+$/.test(key) ? key : undefined;
}
