import { tryParsePurl } from './purl.ts';
import { repositoryKey } from './repository-key.ts';

/** A text as something within a repository: the repository's key, and the same thing under another name of it. */
export type Within = {
  readonly repository: string;
  /** Null where the thing cannot be said under that name. */
  readonly under: (name: string) => string | null;
};

/** Deeper than the groups of GitLab. */
const MAX_PARTS = 24;
const FORGES: Readonly<Partial<Record<string, string>>> = {
  github: 'https://github.com',
  gitlab: 'https://gitlab.com',
};

/**
 * Every repository that a text may lie within, the longest name first: what stands before a slash or `#` of a URL, or what a package
 * URL of a forge is about. Pure.
 */
export function repositoriesOf(text: string): Within[] {
  const purl = tryParsePurl(text);
  if (purl !== null) {
    const { type, packageKey, qualifiers } = purl;
    const forge = FORGES[type];
    // with a repository_url it is on another server
    if (forge === undefined || 'repository_url' in qualifiers) return [];
    const path = packageKey.slice(`pkg:${type}/`.length);
    return [
      {
        repository: repositoryKey(`${forge}/${path}`),
        under: (name) =>
          name.startsWith(`${forge}/`)
            ? `pkg:${type}/${name.slice(forge.length + 1)}${purl.purl.slice(packageKey.length)}`
            : null,
      },
    ];
  }
  const [server] = /^https?:\/\/[^/?#]+\/+/i.exec(text) ?? [];
  if (server === undefined) return [];
  const [path = ''] = text.slice(server.length).split(/[?#]/, 1);
  const ends = [...path.matchAll(/(?<=[^/])(?=\/|$)/g)];
  return ends
    .slice(0, MAX_PARTS)
    .map(({ index }) => server.length + index)
    .toReversed()
    .map((end) => ({
      repository: repositoryKey(text.slice(0, end)),
      under: (name) => name + text.slice(end),
    }));
}
