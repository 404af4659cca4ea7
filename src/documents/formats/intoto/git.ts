import { isCaseless } from '../../../model/hosts.ts';
import { isObjectId } from '../../../model/keys.ts';
import { repositoryKey, repositoryName } from '../../../model/repository-key.ts';
import { identifierProblem } from '../../../model/text.ts';
import { isPlaceholder, isPlaceholderUri } from '../../../model/placeholder.ts';
import type { ParsedPurl } from '../../../model/purl.ts';
import { withOneScheme } from '../../../model/uri.ts';
import type { JsonObject } from '../../json.ts';
import { entryOf } from '../../../model/table.ts';

/** A place in git as a document names it: `git+https://github.com/o/r@refs/tags/v1`. */
export type GitSource = {
  /** Key of the Repository. */
  readonly repository: string;
  /** The same as it is written, for people. */
  readonly spelling: string;
  /** Branch or tag, as written. */
  readonly ref: string | null;
  /** Object id that the URI itself is pinned to. */
  readonly commit: string | null;
};

const GIT_SCHEME = /^(?:git\+[a-z]+:|git:|ssh:)\/\//i;
const SCP = /^[\w.-]+@[\w.-]+:(?!\/\/)/;
/** A repository's page on a forge. Any further path is a page about something else, but of GitLab's groups in groups. */
const FORGE_PAGE = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@]+)((?:\/[^/?#@]+){2,}?)\/?(?:[@#].*)?$/i;
const GITLAB_PAGES =
  /\/(?:-|blob|raw|tree|archive|uploads|releases|issues|merge_requests)(?:\/|$)/i;
const COMMIT_PAGE = /^(https?:\/\/[^?#]+?)\/(?:-\/)?commits?\/([0-9a-f]{40})\/?$/i;

/** What a URI names in git; null where it does not say that it is about git. */
export function gitSource(text: string | null): GitSource | null {
  if (text === null || text.startsWith('pkg:') || identifierProblem(text) !== null) return null;
  if (isPlaceholderUri(text)) return null;
  const uri = withOneScheme(text);
  const page = COMMIT_PAGE.exec(uri);
  if (page !== null) {
    const [, repository = '', commit = ''] = page;
    return { ...nameOf(repository), ref: null, commit: commit.toLowerCase() };
  }
  const isGit =
    GIT_SCHEME.test(uri) || SCP.test(uri) || /\.git(?:[@#].*)?$/i.test(uri) || isForgePage(uri);
  return isGit ? splitSource(uri) : null;
}

function isForgePage(uri: string): boolean {
  const [, authority = '', path = ''] = FORGE_PAGE.exec(uri) ?? [];
  const host = authority.toLowerCase();
  if (path === '' || !isCaseless(host)) return false;
  return path.split('/').length === 3 || (host.includes('gitlab') && !GITLAB_PAGES.test(path));
}

/** Like gitSource, for a URI that is known to be a repository from elsewhere. */
export function splitSource(uri: string): GitSource | null {
  if (identifierProblem(uri) !== null) return null;
  const address = withOneScheme(uri).replace(/^git\+/i, '');
  // The user part (`git@host`) also has an `@`: only the path is searched.
  const scheme = address.indexOf('://');
  const path = scheme === -1 ? address.indexOf(':') : address.indexOf('/', scheme + 3);
  const at = path === -1 ? -1 : address.slice(path).search(/[@#]/);
  const base = at === -1 ? address : address.slice(0, path + at);
  // BuildKit: `#<ref>:<directory>`
  const ref = at === -1 ? '' : address.slice(path + at + 1).replace(/:.*$/s, '');
  const id = ref.toLowerCase();
  return {
    ...nameOf(base),
    ref: isPlaceholder(ref) || isObjectId(id) ? null : ref,
    commit: isObjectId(id) && !/^0+$/.test(id) ? id : null,
  };
}

function nameOf(address: string): { repository: string; spelling: string } {
  const { key, spelling } = repositoryName(address);
  return { repository: key, spelling };
}

/** A source on a server that is known to be a forge, from a run that has a page there: its names have no case. */
export function onForge(source: GitSource | null, server: string | null): GitSource | null {
  if (source === null || server === null || !source.repository.startsWith(`${server}/`))
    return source;
  return { ...source, repository: repositoryKey(source.repository, true) };
}

/** The repository of a purl that names one, with what is after the `@` as branch, tag or commit; null for other purls. */
export function purlSource({ type, namespace, name, version }: ParsedPurl): GitSource | null {
  const host = entryOf(PURL_HOSTS, type);
  if (host === undefined || namespace === null) return null;
  const id = version?.toLowerCase() ?? '';
  return {
    ...nameOf(`https://${host}/${namespace}/${name}`),
    ref: version === null || isObjectId(id) ? null : version,
    commit: isObjectId(id) ? id : null,
  };
}

/** @see https://github.com/package-url/purl-spec/tree/main/types (github, bitbucket: the version is a commit or tag) */
const PURL_HOSTS: Readonly<Record<string, string>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  bitbucket: 'bitbucket.org',
};

/**
 * Names under which producers state a commit as `sha1`.
 *
 * - go-witness and Archivista: `https://witness.dev/attestations/git/v0.1/commithash:<id>`, and `parenthash:<id>`
 *   (github.com/in-toto/go-witness, attestation/git: Subjects)
 * - Chainloop: `git.head` (github.com/chainloop-dev/chainloop, pkg/attestation/renderer)
 * - hand-written and older tools: `commit:<id>`, `git:<id>`, `gitcommit:<id>`, `HEAD`
 */
const COMMIT_NAME =
  /(?:^|[/:])(?:commithash|parenthash|commit|gitcommit|git):[0-9a-f]{40,64}$|^git\.head$|^HEAD$/;

/** True for a name that says that its digest is a commit's; also for the id itself, and for an id behind `@`. */
export function isCommitName(name: string | null, digest: JsonObject): boolean {
  if (name === null) return false;
  if (COMMIT_NAME.test(name)) return true;
  const id = digest['sha1'];
  if (typeof id !== 'string' || !/^[0-9a-f]{40}$/i.test(id)) return false;
  return new RegExp(`(?:^|@|/(?:commit|commits|tree)/)${id}$`, 'i').test(name);
}

/**
 * The commit in a digest set, or null. `sha1` is a commit only where the URI or the name says git. GitLab's runner and some
 * hand-written documents file the 40 characters of a commit under `sha256`, where they can be nothing else.
 *
 * @see https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1
 */
export function commitIn(digest: JsonObject, isGit: boolean): string | null {
  for (const [algorithm, value] of Object.entries(digest)) {
    if (typeof value !== 'string') continue;
    const id = value.toLowerCase();
    const name = algorithm.toLowerCase();
    const isCommit =
      name === 'gitcommit' || (name === 'sha1' && isGit) || (name === 'sha256' && id.length === 40);
    if (isCommit && isObjectId(id) && !/^0+$/.test(id)) return id;
  }
  return null;
}
