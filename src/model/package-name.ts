/**
 * A name by which things that have no package URL, or one that names no ecosystem, are compared: the last part of a path or of
 * coordinates, in lower case, with `-` for every separator. Equal names mean that two things may be the same, never that they are.
 *
 * @example packageName('org.apache.logging.log4j:log4j-core') === 'log4j-core'
 */
export function packageName(text: string): string {
  const parts = text
    .trim()
    .toLowerCase()
    .split(/[/:\\]+/)
    .filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  // the major version that ends the path of a Go module is not its name
  const name = /^v\d+$/.test(last) ? (parts.at(-2) ?? last) : last;
  return name.replace(/[-_.\s]+/g, '-').slice(0, 256);
}

/** Types of package URLs that say where something was found, not which ecosystem's package it is. */
const NAME_ONLY_TYPES: ReadonlySet<string> = new Set([
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
