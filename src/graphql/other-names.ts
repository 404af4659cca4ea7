import type { EntityRecord } from '../graph/read/records.ts';
import { forgeOf } from '../model/run-key.ts';
import type { Loaders } from './loaders.ts';

/** A key that begins with that of a repository: `rest` is the same under each of its names. */
type Within = { readonly repository: string; readonly rest: string };

/**
 * Keys of the things that are the same run, or the environment of the same name, under another name of the repository. They are
 * things of their own in the graph (docs/decisions/0006): only the number of the repository says that they belong together.
 */
export async function otherNames(
  { label, key, name }: EntityRecord,
  loaders: Pick<Loaders, 'entity' | 'repositoryNames'>,
): Promise<string[]> {
  const within = label === 'Build' ? runWithin(key) : environmentWithin(key, name);
  if (within === null) return [];
  const repository = await loaders.entity.load({ label: 'Repository', key: within.repository });
  const hostId = repository?.['hostId'];
  if (typeof hostId !== 'string') return [];
  const names = await loaders.repositoryNames.load(hostId);
  const others = names.filter((other) => other !== within.repository);
  const found = await Promise.all(
    others.map(async (other) => loaders.entity.load({ label, key: other + within.rest })),
  );
  return found.flatMap((one) => one?.key ?? []);
}

function runWithin(key: string): Within | null {
  const run = /^(.+?)(\/(?:actions\/runs|-\/(?:jobs|pipelines))\/.+)$/.exec(key);
  const [, repository, rest] = run ?? [];
  if (repository === undefined || rest === undefined || forgeOf(key) === null) return null;
  return { repository, rest };
}

function environmentWithin(key: string, name: unknown): Within | null {
  if (typeof name !== 'string' || !/^https?:/.test(key) || !key.endsWith(`/${name}`)) return null;
  const rest = `/${name}`;
  return { repository: key.slice(0, -rest.length), rest };
}
