import type { NodeRef } from './node.ts';
import { isStubDigest } from './stub-digest.ts';

/**
 * What producers write where they know nothing, in lower case. A thing of such a name would be one thing for all who wrote it.
 *
 * - '', '.git': https://github.com/tektoncd/chains/issues/675 (a material of a task without git: `git+.git`)
 * - '.', './', '/': a build's context or working directory (BuildKit, https://github.com/docker/buildx/issues/1741)
 * - '(devel)': Go's version of a main module that was built from a working copy (pkg.go.dev/runtime/debug#Module)
 * - '<no value>', '<nil>', '%!s(<nil>)': Go's text/template and fmt, of a value that is missing
 * - '<none>': Docker's name and tag of an image without either
 * - 'unknown', '(unknown)', 'unspecified' (Gradle's default version), 'undefined', 'null', 'none', 'nil', 'nan', '[object object]':
 *   a missing value, as languages and build tools print it; 'noassertion': SPDX's word for it
 * - '(none)': RPM's tag that is not set (rpm.org, queryformat); '(null)': C's printf
 * - 'tbd', 'todo', 'not set', 'unset', '<unset>': templates that nobody filled in
 * - 'head', 'latest': names of what is newest, whatever that is
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...['', '.', './', '/', '..', '.git', '-', '?', '*'],
  ...['(devel)', '<no value>', '<nil>', '%!s(<nil>)', '<none>', '<unknown>', '(unknown)'],
  ...['unknown', 'unspecified', 'undefined', 'null', 'none', 'nil', 'nan', '[object object]'],
  ...['noassertion', 'n/a', 'not available', 'head', 'latest', '(none)', '(null)'],
  ...['tbd', 'todo', 'not set', 'unset', '<unset>'],
]);

/**
 * A variable that nobody expanded, anywhere in a name: `${VAR}` (shell, Maven, GitLab), `$(params.url)` (Tekton, Azure),
 * `${{ … }}` and `{{ … }}` (GitHub, Go and Helm templates), `@project.version@` (Maven resources), `%VAR%` alone (Windows), `$VAR`
 * alone.
 */
const UNEXPANDED =
  /\$\{[^}]*\}|\$\([\w.[\]'"-]+\)|\{\{[^}]*\}\}|%7b%7b|\$%7b|^\$\w+$|^%\w+%$|^@[\w.]+@$/i;

/** True for a name or version that says nothing. */
export function isPlaceholder(text: string): boolean {
  const lower = text.trim().toLowerCase();
  // zeros: a commit that is none, the nil UUID
  return PLACEHOLDERS.has(lower) || /^0[0-]{5,}0$/.test(lower) || UNEXPANDED.test(lower);
}

/** Like isPlaceholder, for a URI or an image: without its scheme, and without what follows `@` or `#`. */
export function isPlaceholderUri(uri: string): boolean {
  if (isPlaceholder(uri)) return true;
  const rest = uri.replace(/^(?:git\+)?(?:[a-z][a-z0-9.-]*:)?(?:\/\/)?/i, '');
  const [place = ''] = rest.split(/[@#?]/);
  const name = place.replace(/:<none>$/, '').replace(/\/+$/, '');
  return isPlaceholder(name) || isPathOfNothing(name);
}

/** `null/null`, `https://github.com/undefined/undefined.git`: each part of a name is missing. */
function isPathOfNothing(name: string): boolean {
  const [first = '', ...path] = name.replace(/\.git$/i, '').split(/[/:]/);
  const isMissing = (part: string): boolean => part !== '' && isPlaceholder(part);
  const isHost = first.includes('.') && path.length > 1;
  return path.length > 0 && path.every(isMissing) && (isMissing(first) || isHost);
}

/** True for a node whose key names nothing in particular; no event and no document makes such a node. */
export function namesNothing({ label, key }: NodeRef): boolean {
  if (label === 'Artifact') return isStubDigest(key);
  if (label === 'Commit') return /^0+$/.test(key);
  if (label === 'PackageVersion') return key.startsWith('pkg:') && isPlaceholder(versionIn(key));
  return ['Repository', 'Resource', 'Builder'].includes(label) && isPlaceholderUri(key);
}

/** The version in a canonical purl, or a text that is not a placeholder where it has none. */
function versionIn(purl: string): string {
  const [path = ''] = purl.split(/[?#]/);
  const at = path.lastIndexOf('@');
  if (at === -1) return 'without version';
  try {
    return decodeURIComponent(path.slice(at + 1));
  } catch {
    return path.slice(at + 1);
  }
}
