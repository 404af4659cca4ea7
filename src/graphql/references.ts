import { StemmaError } from '../errors.ts';
import type { EntityReader } from '../graph/read/entities.ts';
import type { EntityRecord } from '../graph/read/records.ts';
import { digestProblem } from '../model/digest.ts';
import { buildKey, isObjectId, repositoryKey, tryThingRef } from '../model/keys.ts';
import { refId, type NodeLabel, type NodeRef } from '../model/node.ts';
import { underOtherNames } from '../model/package-match.ts';
import { tryParsePurl, type ParsedPurl } from '../model/purl.ts';
import { checkIdentifier } from '../model/text.ts';
import { otherSpellings } from '../questions/gather/other-spellings.ts';
import { idOf, parseRefText, tryParseId, tryParseIdAt } from './ids.ts';

/** Candidates that an AMBIGUOUS error names at most. */
const MAX_CANDIDATES = 10;
const COMMIT_URL = /\/commits?\/([0-9a-f]{64}|[0-9a-f]{40})(?:[/?#.]|$)/i;
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * What a reference names: whole references first, then the beginning of a commit id or digest, then a name within any scope.
 *
 * @throws StemmaError AMBIGUOUS with `candidates`, BAD_USER_INPUT
 */
export async function resolveRef(reader: EntityReader, text: string): Promise<EntityRecord | null> {
  const ref = checkIdentifier(text.trim(), 'ref');
  const whole = wholeRefs(ref);
  const found = await reader.byRefs(whole);
  const exact = whole.flatMap((one) => found.get(refId(one)) ?? []);
  const [best] = [...exact.filter((entity) => entity['resolved'] === true), ...exact];
  if (best !== undefined) return best;

  const purl = tryParsePurl(ref);
  if (purl !== null) {
    const named = underOtherNames(purl).map(packageRefOf);
    const known = await reader.byRefs(named);
    const [first] = named.flatMap((one) => known.get(refId(one)) ?? []);
    if (first !== undefined) return first;
    const qualified = only(ref, await withQualifiers(reader, purl));
    if (qualified !== null) return qualified;
  }
  const renamed = only(ref, await underOtherSpellings(reader, ref));
  if (renamed !== null) return renamed;
  if (ABSOLUTE_URI.test(ref) && ref.includes('#')) {
    // a place within its page
    const key = repositoryKey(ref);
    const repository = (await reader.byRefs([{ label: 'Repository', key }])).get(
      `Repository:${key}`,
    );
    if (repository !== undefined) return repository;
  }
  const lower = ref.toLowerCase();
  if (/^[0-9a-f]{7,63}$/.test(lower)) {
    const commit = only(ref, await reader.commitsByPrefix(lower, MAX_CANDIDATES + 1));
    if (commit !== null) return commit;
  }
  if (/^[a-z0-9][a-z0-9+._-]*:[0-9a-f]{7,127}$/.test(lower)) {
    const artifact = only(ref, await reader.artifactsByPrefix(lower, MAX_CANDIDATES + 1));
    if (artifact !== null) return artifact;
  }
  return only(ref, await reader.byLocalName(ref, MAX_CANDIDATES + 1));
}

/**
 * What a package URL without qualifiers means where only such with qualifiers are known: `pkg:deb/debian/x@1` is each of
 * `…?arch=amd64` and `…?arch=arm64`.
 */
async function withQualifiers(reader: EntityReader, purl: ParsedPurl): Promise<EntityRecord[]> {
  if (purl.version === null || Object.keys(purl.qualifiers).length > 0 || purl.subpath !== null) {
    return [];
  }
  const spellings = [purl, ...underOtherNames(purl)];
  return reader.versionsByPrefix(
    spellings.map((one) => `${one.purl}?`),
    MAX_CANDIDATES + 1,
  );
}

/**
 * What is known of a reference into a repository under another name of the repository: the path of a run, an environment or a
 * deployment outlives a rename.
 */
async function underOtherSpellings(reader: EntityReader, ref: string): Promise<EntityRecord[]> {
  const labelled = parseRefText(ref);
  const text = labelled?.key ?? ref;
  // the page of a run has other addresses, which are not within the page of its repository
  const page = ABSOLUTE_URI.test(text) ? buildKey(text, '') : text;
  const texts = await Promise.all(
    [...new Set([text, page])].map(async (one) => otherSpellings(reader, one)),
  );
  const found: EntityRecord[] = [];
  for (const other of new Set(texts.flat())) {
    const refs = labelled === null ? wholeRefs(other) : [{ label: labelled.label, key: other }];
    const known = await reader.byRefs(refs);
    const [first] = refs.flatMap((one) => known.get(refId(one)) ?? []);
    if (first !== undefined && !found.some((one) => refId(one) === refId(first))) found.push(first);
  }
  return found;
}

/** Every node that a whole reference may mean, the likeliest first. */
function wholeRefs(ref: string): NodeRef[] {
  const refs: NodeRef[] = [];
  const add = (label: NodeLabel, key: string | null | undefined): void => {
    if (key !== null && key !== undefined && key !== '') refs.push({ label, key });
  };
  const lower = ref.toLowerCase();
  const global = tryParseIdAt(ref)?.ref ?? tryParseId(ref);
  if (global !== null && global.label !== 'Event') refs.push(global);
  const labelled = parseRefText(ref);
  if (labelled !== null) refs.push(labelled);

  if (isObjectId(lower)) {
    add('Commit', lower);
    add('Artifact', `${lower.length === 40 ? 'sha1' : 'sha256'}:${lower}`);
  }
  const purl = tryParsePurl(ref);
  if (purl !== null) {
    add('Artifact', purl.digest);
    refs.push(packageRefOf(purl));
    add('Resource', purl.purl);
  } else if (digestProblem(lower) === null) add('Artifact', lower);
  const bytes = lower.replace(/^sha256:/, '');
  if (/^[0-9a-f]{64}$/.test(bytes)) {
    add('Attestation', bytes);
    add('Document', bytes);
  }
  if (ABSOLUTE_URI.test(ref) || ref.startsWith('git@')) {
    add('Commit', COMMIT_URL.exec(ref)?.[1]?.toLowerCase());
    add('Build', buildKey(ref, ''));
    if (!ref.includes('#')) add('Repository', repositoryKey(ref));
    add('Builder', ref);
  }
  const thing = tryThingRef(ref);
  if (thing !== null) refs.push(thing);
  for (const label of SOURCED_LABELS) add(label, ref);
  for (const label of ['Environment', 'Service', 'Builder', 'Identity', 'Agent'] as const)
    add(label, ref);
  add('Vulnerability', ref);
  add('Vulnerability', ref.toUpperCase());
  return unique(refs);
}

function packageRefOf({ version, packageKey, purl }: ParsedPurl): NodeRef {
  return version === null
    ? { label: 'Package', key: packageKey }
    : { label: 'PackageVersion', key: purl };
}

/** Labels whose keys are `<source>#<id>`. */
const SOURCED_LABELS = ['Deployment', 'Build', 'Workflow', 'Step'] as const;

function only(ref: string, entities: readonly EntityRecord[]): EntityRecord | null {
  const [first, second] = entities;
  if (second === undefined) return first ?? null;
  const candidates = entities.slice(0, MAX_CANDIDATES).map((entity) => ({
    id: idOf(entity),
    label: entity.label,
    key: entity.key,
    name: typeof entity['name'] === 'string' ? entity['name'] : null,
  }));
  const more = entities.length > MAX_CANDIDATES ? ' or more' : '';
  throw new StemmaError(
    'AMBIGUOUS',
    `'${ref.slice(0, 120)}' may name ${candidates.length}${more} things: give more of it, or one of the candidates' keys.`,
    { details: { candidates } },
  );
}

function unique(refs: readonly NodeRef[]): NodeRef[] {
  return [...new Map(refs.map((ref) => [refId(ref), ref])).values()];
}
