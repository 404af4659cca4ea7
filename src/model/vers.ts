export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type Constraint = { readonly comparator: Comparator; readonly version: string };

export type Vers = {
  /** Whose versions it is about: mostly a type of package URLs. */
  readonly scheme: string;
  /** Empty where every version is meant (`*`). */
  readonly constraints: readonly Constraint[];
};

/**
 * Reads the text of a VERS range, without the order of its versions; a problem completes the sentence "it is not a range: …".
 *
 * Spaces around the parts, empty parts and `=` are left out, as the editions of 2022 to 2024 did; the later standard refuses them, and
 * nobody can mean anything else by them.
 *
 * @see https://github.com/package-url/vers-spec (clause 5 of the standard)
 */
export function readVers(text: string): Vers | { readonly problem: string } {
  const [, type = '', list = ''] = /^\s*vers:([^/]*)\/?(.*)$/s.exec(text) ?? [];
  const scheme = type.toLowerCase();
  if (!/^[a-z][a-z0-9.-]*$/.test(scheme) || scheme === 'invalid') {
    return { problem: `'${type}' is not a type of versions` };
  }
  const parts = list
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return { problem: `there is no version behind 'vers:${type}/'` };
  if (parts.includes('*')) {
    return parts.length === 1
      ? { scheme, constraints: [] }
      : { problem: "'*' stands beside other versions" };
  }
  const constraints: Constraint[] = [];
  for (const part of parts) {
    const constraint = readConstraint(part);
    if ('problem' in constraint) return constraint;
    constraints.push(constraint);
  }
  return { scheme, constraints };
}

function readConstraint(part: string): Constraint | { readonly problem: string } {
  const [, comparator = '', encoded = ''] = /^([<>!]=|[<>=])?\s*(.*)$/s.exec(part) ?? [];
  if (encoded === '') return { problem: `there is no version in '${part}'` };
  if (/\s/.test(encoded)) return { problem: `there is a space in '${encoded}'` };
  if (/[<>=!*]/.test(encoded)) {
    return { problem: `'${encoded}' has a character that must be percent-encoded` };
  }
  try {
    // one of them, as in the pattern
    const known = (comparator === '' ? '=' : comparator) as Comparator;
    return { comparator: known, version: decodeURIComponent(encoded) };
  } catch {
    return { problem: `'${encoded}' is not percent-encoded as it should be` };
  }
}
