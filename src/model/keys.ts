import { StemmaError } from '../errors.ts';
import { digestProblem } from './digest.ts';
import { isCaseless } from './hosts.ts';
import type { NodeRef } from './node.ts';
import { tryParsePurl } from './purl.ts';
import { repositoryKey } from './repository-key.ts';
import { runPageKey } from './run-key.ts';
import { checkIdentifier } from './text.ts';
import { lowerCaseHost, withOneScheme, withoutUser } from './uri.ts';

export { repositoryKey } from './repository-key.ts';
export { githubRunKey } from './run-key.ts';

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[^\s]+$/i;

export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/**
 * Key of a Build: the canonical run URI (model/run-key.ts); never a bare id.
 *
 * @param text what the producer calls the build
 * @param scope builder id or event source, put before an id that is not an absolute URI
 * @see design section 3
 */
export function buildKey(text: string, scope: string): string {
  const id = withOneScheme(checkIdentifier(text, 'build'));
  const run = runPageKey(id);
  if (run !== null) return run;
  const uri = id.replace(/\/+$/, '');
  if (ABSOLUTE_URI.test(id)) return lowerCaseHost(uri);
  return checkIdentifier(`${scope}#${id}`, 'build');
}

/** Key of a Deployment, Workflow or Step: `<source>#<id>`; an id that is already of this form, or a URI, stays as it is. */
export function sourcedKey(source: string, id: string, what: string): string {
  if (ABSOLUTE_URI.test(id)) return checkIdentifier(id, what);
  if (id.startsWith(`${source}#`)) return checkIdentifier(id, what);
  return checkIdentifier(`${source}#${id}`, what);
}

/**
 * Key of an Environment or Service: `<scope>/<name>`, scope `-` where the event gives none. A repository as the scope has its own key,
 * however it is spelled, where its host is one whose names have no case.
 */
export function scopedKey(scope: string | null | undefined, name: string, what: string): string {
  const within = scope === null || scope === undefined || scope === '' ? '-' : scope;
  return checkIdentifier(`${scopeKey(within)}/${name}`, what);
}

function scopeKey(scope: string): string {
  const host = /^(?:https?|ssh):\/\/(?:[^/?#]*@)?([^/?#]+)\/|^git@([^:/]+):/i.exec(scope);
  const name = (host?.[1] ?? host?.[2] ?? '').toLowerCase();
  return isCaseless(name) ? repositoryKey(scope) : withoutUser(scope);
}

/**
 * What a free reference to a thing names: a digest or an OCI/docker reference with digest is an Artifact, a purl a
 * PackageVersion (or the Artifact of its digest), any other absolute URI a Resource.
 *
 * @throws StemmaError BAD_USER_INPUT where it is none of these
 */
export function thingRef(text: string): NodeRef {
  const ref = tryThingRef(text);
  if (ref !== null) return ref;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'${text.slice(0, 120)}' names no artifact: give a digest (sha256:…), a package URL (pkg:…) or an absolute URI.`,
  );
}

export function tryThingRef(text: string): NodeRef | null {
  const id = text.trim();
  if (id === '' || id.length > 2048 || !id.isWellFormed()) return null;
  const lower = id.toLowerCase();
  if (!lower.includes('/') && digestProblem(lower) === null && !lower.startsWith('pkg:')) {
    return { label: 'Artifact', key: lower };
  }
  if (lower.startsWith('pkg:')) {
    const purl = tryParsePurl(id);
    if (purl === null) return null;
    if (purl.digest !== null) return { label: 'Artifact', key: purl.digest };
    // A purl without version, or with an image's tag, names no version; it stays a thing to be resolved.
    return purl.version === null || purl.mutable
      ? { label: 'Resource', key: purl.purl }
      : { label: 'PackageVersion', key: purl.purl };
  }
  const image = /@([a-z0-9]+:[0-9a-f]{32,128})$/.exec(lower);
  const digest = image?.[1];
  if (digest !== undefined && digestProblem(digest) === null)
    return { label: 'Artifact', key: digest };
  if (ABSOLUTE_URI.test(id)) return { label: 'Resource', key: lowerCaseHost(id) };
  // `registry/image:tag`, as deployment tools write it
  if (/^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+)?$/i.test(id)) {
    return { label: 'Resource', key: `docker://${id}` };
  }
  return null;
}
