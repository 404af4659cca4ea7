import { StemmaError } from '../errors.ts';
import { isCaseless, knownHost, pinnedHosts } from './hosts.ts';
import { characterProblem, identifierProblem, keyProblem, MAX_ID_LENGTH } from './text.ts';
import { withOneScheme, withoutUser } from './uri.ts';

const SCP = /^(?:[^@/\s]+@)([^:/\s]+):(?!\d+\/)(.+)$/;
const BARE = /^[a-z0-9-]+(\.[a-z0-9-]+)+(?::\d+)?\/\S+$/i;
const DEFAULT_PORTS = new Set(['', '22', '80', '443', '9418']);

/**
 * Paths that a server has for one repository beside the page, as `[pattern, replacement]`.
 *
 * - GitHub: `api.github.com/repos/<owner>/<name>`, `<server>/api/v3/repos/…` (docs.github.com/rest)
 * - Gitea: `<server>/api/v1/repos/…`
 * - Bitbucket: `api.bitbucket.org/2.0/repositories/…`; Data Center: `/scm/<project>/<name>`, `/projects/<project>/repos/<name>`,
 *   `/users/<name>/repos/<name>`, its API before both
 */
const API_PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:api\/v[13]\/)?repos\/([^/]+)\/([^/]+)$/, '/$1/$2'],
  [/^\/2\.0\/repositories\/([^/]+)\/([^/]+)$/, '/$1/$2'],
  [
    /^((?:\/[^/]+)?)\/(?:rest\/api\/[^/]+\/)?projects\/([^/]+)\/repos\/([^/]+)(?:\/browse)?$/,
    '$1/scm/$2/$3',
  ],
  [
    /^((?:\/[^/]+)?)\/(?:rest\/api\/[^/]+\/)?users\/([^/]+)\/repos\/([^/]+)(?:\/browse)?$/,
    '$1/scm/~$2/$3',
  ],
];

/** Where the ssh server of Bitbucket Data Center listens, whose paths leave out `/scm`. */
const BITBUCKET_SSH = '7999';

/** Paths of servers whose names have no case, whatever the host: Bitbucket Data Center, Azure DevOps Server. */
const CASELESS_PATH = /^(?:\/[^/]+)?\/scm\/[^/]+\/[^/]+$|\/_git\/[^/]+$/;

/** GitLab: `<server>/api/v4/projects/<id or encoded path>`, of which the id is not known to be any path (docs.gitlab.com/api/projects). */
const GITLAB_API = /^((?:\/[^/]+)*?)\/api\/v4\/projects\/([^/]*[^\d/][^/]*)$/;

/** How a repository is named: its key, and the same without folded case, for people. */
export type RepositoryName = {
  readonly key: string;
  readonly spelling: string;
  /** Why the canonical URL is not a key, so that it stays as it is written: only logs from before it was refused have such. */
  readonly problem: string | null;
};

/**
 * Key of a Repository: a URL without `git+`, user, `.git`, port of git or ssh, query and fragment, host in lower case; the path too
 * on the hosts whose names have no case. Characters are percent-encoded only where they must be, and Unicode is in NFC. The scp form
 * `git@host:owner/repo` and a bare `host/owner/repo` are read too; what is not a URL stays as it is.
 *
 * @param caseless the names have no case whatever the host, because it is known from elsewhere that it is a forge
 * @see https://datatracker.ietf.org/doc/html/rfc3986#section-6.2.2
 */
export function repositoryKey(text: string, caseless = false): string {
  return repositoryName(text, caseless).key;
}

/** Names that were read, because events name the same few repositories again and again; per way of reading. */
const READ = [new Map<string, RepositoryName>(), new Map<string, RepositoryName>()] as const;
const READ_MOST = 2_000;
let readUnder = pinnedHosts();

/** Like repositoryKey, with the name as people write it. */
export function repositoryName(text: string, caseless = false): RepositoryName {
  if (readUnder !== pinnedHosts()) {
    readUnder = pinnedHosts();
    for (const names of READ) names.clear();
  }
  const read = READ[caseless ? 1 : 0];
  const known = read.get(text);
  if (known !== undefined) return known;
  const name = readName(text, caseless);
  if (read.size >= READ_MOST) read.clear();
  read.set(text, name);
  return name;
}

/**
 * @param field what to call it
 * @throws StemmaError BAD_USER_INPUT where the canonical URL is too long for an identifier
 */
export function checkRepository(text: string, field: string): void {
  const { problem } = repositoryName(text);
  if (problem === null) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'${field}' ${problem} in canonical form, where characters outside of ASCII are percent-encoded: give a shorter URL.`,
    { details: { path: field, limit: MAX_ID_LENGTH } },
  );
}

function readName(text: string, caseless: boolean): RepositoryName {
  const given = text.trim();
  const wrong = keyProblem(given) ?? characterProblem(given);
  if (wrong !== null)
    throw new StemmaError('BAD_USER_INPUT', `'repository' ${wrong}.`, {
      details: { path: 'repository' },
    });
  const address = withOneScheme(given);
  // `scm:git:` as in the coordinates of Maven
  const source = asUrl(address.replace(/^(?:scm:git:|git\+)/i, ''));
  const isSsh = /^(?:git|ssh):\/\//i.test(source);
  const page = source.replace(/^(?:git|ssh|http):\/\//i, 'https://');
  const url = URL.canParse(page) ? new URL(page) : null;
  if (url === null || url.host === '') return asWritten(source, identifierProblem(source));
  // The port of an ssh server says nothing of the server's page.
  const port = isSsh || DEFAULT_PORTS.has(url.port) ? '' : `:${url.port}`;
  const { host, path } = azureName(
    knownHost(url.hostname.toLowerCase().replace(/\.$/, '')),
    isSsh && url.port === BITBUCKET_SSH ? ['', 'scm', ...pathOf(url).slice(1)] : pathOf(url),
  );
  const base = `${url.protocol}//${host}${port}`;
  const isFolded = caseless || isCaseless(`${host}${port}`) || CASELESS_PATH.test(path.join('/'));
  const folded = isFolded ? path.map(lower) : path;
  const key = base + encodePath(folded);
  const problem = identifierProblem(key);
  return problem === null
    ? { key, spelling: base + encodePath(path), problem }
    : asWritten(source, problem);
}

function asWritten(source: string, problem: string | null): RepositoryName {
  const written = withoutUser(source);
  return { key: written, spelling: written, problem };
}

function asUrl(source: string): string {
  if (source.includes('://')) return source;
  const scp = SCP.exec(source);
  if (scp !== null) return `ssh://${scp[1] ?? ''}/${scp[2] ?? ''}`;
  return BARE.test(source) ? `https://${source}` : source;
}

/** The segments of the path, decoded: a `/` that is part of a name stays one. */
function pathOf(url: URL): string[] {
  let path = url.pathname
    .replace(/@refs\/.*$/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  for (const [pattern, replacement] of API_PATHS) path = path.replace(pattern, replacement);
  const gitlab = GITLAB_API.exec(path);
  if (gitlab !== null) path = `${gitlab[1] ?? ''}/${(gitlab[2] ?? '').replace(/%2f/gi, '/')}`;
  return path.split('/').map(decode);
}

/**
 * Azure Repos has three spellings: `dev.azure.com/<org>/<project>/_git/<name>`, `<org>.visualstudio.com/[DefaultCollection/]<project>/_git/<name>`
 * and over ssh `v3/<org>/<project>/<name>`.
 *
 * @see https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate
 */
function azureName(host: string, path: string[]): { host: string; path: string[] } {
  const organization = /^([\w-]+)\.visualstudio\.com$/.exec(host)?.[1];
  if (organization !== undefined) {
    const own = path[1]?.toLowerCase() === 'defaultcollection' ? path.slice(2) : path.slice(1);
    const rest = own.map((segment) => (segment === '_ssh' ? '_git' : segment));
    return azureName('dev.azure.com', ['', organization, ...rest]);
  }
  if (host !== 'dev.azure.com') return { host, path };
  const [, first = '', second = '', third = '', fourth] = path;
  if (first.toLowerCase() === 'v3' && fourth !== undefined) {
    return { host, path: ['', second, third, '_git', fourth] };
  }
  // `<org>/_git/<name>` is the repository that is called like its project
  return { host, path: second === '_git' ? ['', first, third, '_git', third] : path };
}

function lower(segment: string): string {
  return segment.toLowerCase();
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment).normalize('NFC');
  } catch {
    return segment;
  }
}

/** What a path segment may hold as it is stays so. */
function encodePath(path: readonly string[]): string {
  return path
    .map((segment) =>
      encodeURIComponent(segment).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent),
    )
    .join('/');
}
