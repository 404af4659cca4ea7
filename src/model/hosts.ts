import { entryOf } from './table.ts';

/**
 * What is known of the hosts of repositories. Names of owners and repositories have no case on the forges below; of any other server
 * it is not known, and its names stay as they are written, unless the configuration pins the host.
 */

/** Hosts whose names of owners and repositories have no case. */
const CASELESS_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'gitlab.com',
  'bitbucket.org',
  'codeberg.org',
  'gitea.com',
  'dev.azure.com',
]);

/** A server that is called after its software: `gitlab.example.org`, `github.corp.example`, `ghe.example`, `git-gitea.example`. */
const CALLED_AFTER_FORGE =
  /(?:^|[.-])(?:github|ghe|gitlab|gitea|forgejo|codeberg|bitbucket)(?=[.-])|\.ghe\.com$/;

/**
 * Other names of a host, where a port or a network leaves no better one.
 *
 * - ssh over port 443: docs.github.com (Using SSH over the HTTPS port), docs.gitlab.com (altssh), support.atlassian.com (altssh)
 * - `www.`: redirected by all of them
 * - the API of github.com has a host of its own
 */
const SAME_HOST: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'api.github.com': 'github.com',
  'www.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'www.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'api.bitbucket.org': 'bitbucket.org',
  'www.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
  'vs-ssh.visualstudio.com': 'dev.azure.com',
};

let pinned: ReadonlySet<string> = new Set();

/**
 * Says which further hosts have names without case (`STEMMA_CASELESS_HOSTS`). Once for a process, before the first event is read:
 * keys of nodes depend on it, so that a graph that was written before has to be rebuilt.
 *
 * @param hosts host names, with the port where the server is not at the usual one
 */
export function pinCaselessHosts(hosts: readonly string[]): void {
  const named = hosts.map((host) => host.trim().toLowerCase());
  pinned = new Set(named.filter((host) => host !== ''));
}

/** The hosts that are pinned: another set whenever they were pinned anew. */
export function pinnedHosts(): ReadonlySet<string> {
  return pinned;
}

/** Whether names of owners and repositories have no case there. @param host host name, lower case, with its port where it has one */
export function isCaseless(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return (
    CASELESS_HOSTS.has(name) ||
    CALLED_AFTER_FORGE.test(name) ||
    pinned.has(host) ||
    pinned.has(name)
  );
}

/** The host under the name that people know it by. @param host host name, lower case, without port */
export function knownHost(host: string): string {
  // GitHub Enterprise Cloud with data residency: `api.<enterprise>.ghe.com`
  const enterprise = /^api\.([\w-]+\.ghe\.com)$/.exec(host)?.[1];
  return entryOf(SAME_HOST, host) ?? enterprise ?? host;
}
