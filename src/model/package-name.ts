/** Files that packages come in. */
const ARCHIVE =
  /\.(?:jar|war|ear|aar|[hj]pi|whl|egg|gem|nupkg|crate|deb|rpm|apk|zip|tgz|tar(?:\.(?:gz|bz2|xz|zst))?|dll|exe|dylib|so(?:\.\d+)*)$/;

/**
 * A name by which things that have no package URL, or one that names no ecosystem, are compared: the last part of a path or of
 * coordinates, in lower case, with `-` for every separator, and without a version or the ending of an archive. Equal names mean that two
 * things may be the same, never that they are.
 *
 * @example packageName('org.apache.logging.log4j:log4j-core') === 'log4j-core'
 * @example packageName('/app/lib/log4j-core-2.14.1.jar') === 'log4j-core'
 */
export function packageName(text: string): string {
  const parts = text
    .trim()
    .toLowerCase()
    .split(/[/:\\]+/)
    .filter((part) => part !== '');
  // a version that ends coordinates is not the name, nor is the major version that ends the path of a Go module
  while (parts.length > 1 && /^(?:v\d+|v?\d+(?:\.\d+)+[-.\w]*)$/.test(parts.at(-1) ?? ''))
    parts.pop();
  const last = (parts.at(-1) ?? '').replace(/(?<=.)@.*$/, '');
  const name = ARCHIVE.test(last) ? withoutVersion(last.replace(ARCHIVE, '')) : last;
  return name.replace(/[-_.\s]+/g, '-').slice(0, 256);
}

/** What stands before the version in the name of a file: the last numbers with dots (`log4j-1.2-api-2.17.0`), else the first
 * number. The version of Scala is part of a name (`scalatest_2.13-3.2.9`). */
function withoutVersion(file: string): string {
  const dotted = [...file.matchAll(/(?!_2\.1\d-)(?:[-_.]v?\d+(?:\.\d+)+)+/g)].at(-1)?.index;
  const at = dotted ?? file.search(/[-_]v?\d/);
  return at > 0 ? file.slice(0, at) : file;
}

/** Types of package URLs that say where something was found, not which ecosystem's package it is. */
export const NAME_ONLY_TYPES: ReadonlySet<string> = new Set([
  'bitbucket',
  'generic',
  'github',
  'gitlab',
  'swid',
]);

/** Whether a package URL of this type can be another ecosystem's package of the same name. */
export function isNameOnly(type: string): boolean {
  return NAME_ONLY_TYPES.has(type);
}
