import { underOtherNames } from '../../model/package-match.ts';
import { tryParsePurl } from '../../model/purl.ts';
import { isNodeLabel, type NodeLabel } from '../../model/node.ts';

/** One question to one index. */
export type SearchStep =
  | { readonly kind: 'prefix'; readonly label: NodeLabel; readonly prefix: string }
  | { readonly kind: 'text'; readonly index: 'keys' | 'names'; readonly query: string };

const DIGEST = /^[a-z0-9][a-z0-9+._-]*:[0-9a-f]{4,128}$/;
const HEX = /^[0-9a-f]{4,128}$/;
/** Algorithms of digests that are given without one. */
const ALGORITHMS = ['sha256', 'sha512', 'sha1'];
const ADVISORY = /^[a-z][a-z0-9]{1,15}-[a-z0-9][a-z0-9-]*$/i;
const KEY_LABELS: readonly NodeLabel[] = ['Repository', 'Builder', 'Identity', 'Agent'];

/** Labels whose keys people know the beginning of: `explore/by-prefix` has a branch for each. */
export const PREFIXED_LABELS: readonly NodeLabel[] = [
  'Commit',
  'Artifact',
  'PackageVersion',
  'Package',
  'Vulnerability',
  'Build',
  'Repository',
  'Resource',
  'Deployment',
];

/**
 * The questions that a text asks, in the order of their answers; other spellings come last, so that the steps before them, which
 * cursors count, stay what they are. Pure.
 */
export function planSearch(
  text: string,
  otherSpellings: readonly string[],
  labels: readonly NodeLabel[] | null,
): SearchStep[] {
  const trimmed = text.trim();
  const query = toQuery(trimmed);
  const texts: SearchStep[] =
    query === null
      ? []
      : [
          { kind: 'text', index: 'keys', query },
          { kind: 'text', index: 'names', query },
        ];
  const isAsked = (label: NodeLabel): boolean => labels === null || labels.includes(label);
  const others = otherSpellings.flatMap(prefixes);
  return [...prefixes(trimmed), ...texts, ...others].filter((step) => {
    if (step.kind === 'prefix') return isAsked(step.label);
    return step.index === 'names' || KEY_LABELS.some(isAsked);
  });
}

function prefixes(text: string): SearchStep[] {
  const steps: SearchStep[] = [];
  const add = (label: NodeLabel, prefix: string): void => {
    steps.push({ kind: 'prefix', label, prefix });
  };
  const lower = text.toLowerCase();
  if (HEX.test(lower)) {
    if (lower.length <= 64) add('Commit', lower);
    for (const algorithm of ALGORITHMS) add('Artifact', `${algorithm}:${lower}`);
  } else if (DIGEST.test(lower)) add('Artifact', lower);
  if (lower.startsWith('pkg:')) {
    // as people write it, and as keys are written: `pkg:npm/@scope/name` is `pkg:npm/%40scope/name`
    const read = tryParsePurl(text);
    const others = read === null ? [] : underOtherNames(read).map(({ purl }) => purl);
    const written = new Set([text, read?.purl ?? text, ...others]);
    for (const purl of written) {
      add('PackageVersion', purl);
      add('Package', purl);
    }
  } else if (/^@[a-z0-9][\w.-]*\/[\w.-]+$/i.test(text)) {
    const purl = tryParsePurl(`pkg:npm/${text}`)?.purl ?? text;
    add('PackageVersion', purl);
    add('Package', purl);
  }
  if (ADVISORY.test(text)) add('Vulnerability', text.toUpperCase());
  if (/^[a-z][a-z0-9+.-]*:\/\/./i.test(text)) {
    for (const label of ['Repository', 'Build', 'Deployment', 'Resource'] as const)
      add(label, text);
  }
  const colon = text.indexOf(':');
  const label = text.slice(0, Math.max(colon, 0));
  if (isNodeLabel(label) && PREFIXED_LABELS.includes(label)) add(label, text.slice(colon + 1));
  return steps;
}

const MAX_WORDS = 12;
/** The index itself cuts words here, so that no longer one can be found; it fails at some that are much longer. */
const MAX_PART_LENGTH = 255;
/** Each is a clause of the query, of which Lucene takes 1,024. */
const MAX_PARTS = 200;

/** Why the index cannot be asked for a text, or null. Pure. */
export function searchProblem(text: string): string | null {
  const parts = text.split(/\s+/).slice(0, MAX_WORDS).flatMap(partsOf);
  const longest = Math.max(0, ...parts.map(({ length }) => length));
  if (longest > MAX_PART_LENGTH) {
    return `has a word of ${longest} characters; at most ${MAX_PART_LENGTH} are allowed: look for the beginning of it`;
  }
  if (parts.length > MAX_PARTS) {
    return `has ${parts.length} words; at most ${MAX_PARTS} are allowed: look for some of them`;
  }
  return null;
}

/** Words as the index splits them: a dot within a word does not end it. */
function partsOf(word: string): string[] {
  return word.toLowerCase().match(/[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*/gu) ?? [];
}

/**
 * A Lucene query for all of the words: each as a phrase, or as words of which the last may go on. Null where there is no word.
 * Nothing in the text is a command: every part is letters and digits, or stands in quotes.
 */
export function toQuery(text: string): string | null {
  const clauses = text
    .split(/\s+/)
    .slice(0, MAX_WORDS)
    .flatMap((word) => {
      const parts = partsOf(word);
      if (parts.length === 0) return [];
      const last = parts.at(-1) ?? '';
      const rest = parts.slice(0, -1).map((part) => `+"${part}"`);
      // a short beginning would go on in too many ways
      const begun = last.length >= 2 ? `${last.replaceAll('.', '\\.')}*` : `"${last}"`;
      return [`+("${parts.join(' ')}"^2 (${[...rest, `+${begun}`].join(' ')}))`];
    });
  return clauses.length === 0 ? null : clauses.join(' ');
}
