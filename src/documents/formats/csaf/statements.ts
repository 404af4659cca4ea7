import type { StatedConcern } from '../../../model/concern-edges.ts';
import type { ConcernStatus, Reference } from '../../../model/concern.ts';
import { isDistributed, rangeProblem } from '../../../model/package-match.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { withVersion } from '../../../model/purl-text.ts';
import { asObject, asText, clip, objectsOf, type JsonObject } from '../../json.ts';
import type { Warnings } from '../../warnings.ts';
import { productIds, textsOf, type Product } from './products.ts';

/** What the members of `product_status` say; `recommended` says nothing of what is affected. */
type Word = 'affected' | 'fixed' | 'not_affected' | 'open';
const STATUSES: Readonly<Record<string, Word | null>> = {
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_not_affected: 'not_affected',
  under_investigation: 'open',
  unknown: 'open',
  recommended: null,
};
/** Flags that say something of the bytes, wherever they run. */
const OF_BYTES = new Set(['component_not_present', 'vulnerable_code_not_present']);

export type Saying = {
  readonly value: JsonObject;
  readonly products: ReadonlyMap<string, Product>;
  /** Of a draft nothing is cleared. */
  readonly isDraft: boolean;
  readonly sha256: string;
  readonly warnings: Warnings;
};

/**
 * What one vulnerability says of the products. The document lists what its author knows: of versions that it does not list, nobody says
 * that they are not affected. So whatever is below a fixed version, or beside an affected one, is UNKNOWN.
 */
export function concernsOf(
  vulnerability: JsonObject,
  path: string,
  saying: Saying,
): StatedConcern[] {
  const { products, warnings, isDraft, sha256 } = saying;
  const words = wordsIn(asObject(vulnerability['product_status']), path, warnings);
  const { value } = saying;
  const flags = byProduct(objectsOf(vulnerability['flags']), 'label', value);
  const threats = objectsOf(vulnerability['threats']).filter(
    ({ category }) => category === 'impact',
  );
  const impacts = byProduct(threats, 'details', value);
  const [unmatched, uncleared, open]: [string[], string[], string[]] = [[], [], []];
  const concerns = [...words].flatMap(([id, all]): StatedConcern[] => {
    const product = products.get(id);
    const name = product?.name ?? id;
    const flag = flags.get(id) ?? null;
    const justification = flag ?? impacts.get(id) ?? null;
    if (all.has('affected')) {
      const found = affectedBy(product, justification);
      if (found.length === 0) unmatched.push(name);
      return [...found, ...besides(product, false)];
    }
    if (all.has('open')) {
      if ((product?.references.length ?? 0) === 0) open.push(name);
      return (product?.references ?? []).flatMap((reference) =>
        (['open', 'under_investigation'] as const).map((status) => ({ reference, status })),
      );
    }
    const isFixed = all.has('fixed');
    const status = isFixed ? 'fixed' : 'not_affected';
    const found = isDraft ? [] : clearedBy(product, status, flag, justification);
    if (found.length === 0) uncleared.push(name);
    return isFixed ? [...found, ...besides(product, true)] : found;
  });
  if (unmatched.length > 0) {
    const names = listOf(unmatched);
    warnings.add(
      path,
      `'${path}' affects ${names}, known by name or CPE alone: whether you have it is not known.`,
    );
    // a reference that leads nowhere: whoever asks is told so
    const thing = { label: 'Resource', key: `${sha256}#${path}` } as const;
    const reference = { thing, package: null, purl: null, range: null };
    concerns.push({ reference, status: 'affected' });
  }
  if (uncleared.length > 0) {
    const why = isDraft
      ? 'the document is a draft'
      : 'they, or what they are part of, are known by name or CPE alone';
    warnings.add(
      path,
      `'${path}' clears ${listOf(uncleared)}: nothing is cleared of it here, because ${why}.`,
    );
  }
  if (open.length > 0) {
    warnings.add(path, `'${path}' investigates ${listOf(open)}, known by name or CPE alone.`);
  }
  return asAdvisory(withoutIdle(concerns));
}

/** The same, where versions of a package are told apart: then it is stated which ones are affected, and not only found of one of them. */
function asAdvisory(concerns: readonly StatedConcern[]): StatedConcern[] {
  const packagesOf = (...statuses: readonly ConcernStatus[]) =>
    new Set(
      concerns.flatMap(({ reference, status, within = null }) =>
        statuses.includes(status) && within === null ? (reference.package?.key ?? []) : [],
      ),
    );
  const [cleared, found] = [packagesOf('fixed', 'not_affected'), packagesOf('found')];
  const isTold = (key: string): boolean => cleared.has(key) && found.has(key);
  return concerns.map((one) => {
    if (!isTold(one.reference.package?.key ?? '')) return one;
    if (one.status === 'found') return { ...one, status: 'affected' };
    return one.status === 'open' ? { ...one, status: 'unknown' } : one;
  });
}

/** Product → what is said of it, the worst of which counts. */
function wordsIn(status: JsonObject, path: string, warnings: Warnings): Map<string, Set<Word>> {
  const words = new Map<string, Set<Word>>();
  for (const [name, list] of Object.entries(status)) {
    const word = Object.hasOwn(STATUSES, name) ? STATUSES[name] : undefined;
    if (word === undefined || !Array.isArray(list)) {
      const at = `${path}.product_status.${clip(name, 40)}`;
      warnings.add(
        at,
        `'${at}' is not a list of products in a status that is known: it counts as under investigation.`,
      );
    }
    if (word === null) continue;
    for (const id of textsOf(list)) {
      words.set(id, (words.get(id) ?? new Set()).add(word ?? 'open'));
    }
  }
  for (const [id, all] of words) {
    const clears = all.has('fixed') || all.has('not_affected');
    if (!clears || all.size === 1 || !(all.has('affected') || all.has('open'))) continue;
    warnings.add(
      path,
      `'${path}' says of '${clip(id, 80)}' that it is affected, and that it is not: the worse counts.`,
    );
  }
  return words;
}

/** That a version has the fault is so wherever it is. */
function affectedBy(product: Product | undefined, justification: string | null): StatedConcern[] {
  if (product === undefined) return [];
  const { scope, references, container } = product;
  // a part that nobody can name makes what it is part of affected
  const found = references.length > 0 ? references : container;
  const within = scope.kind === 'within' && references.length > 0 ? scope.container : null;
  return found.flatMap((reference) => [
    { reference, status: 'found' as const },
    { reference, status: 'vex_affected' as const, justification, within },
  ]);
}

/**
 * What is said of a part holds inside of its product. Where that is not known, it holds if it is a fact about the bytes: a package of a
 * distribution that has the fix, or code that is not in it.
 */
function clearedBy(
  product: Product | undefined,
  status: ConcernStatus,
  flag: string | null,
  justification: string | null,
): StatedConcern[] {
  if (product === undefined || product.scope.kind === 'nowhere') return [];
  const { scope, exact } = product;
  return exact.flatMap((reference) => {
    const said = { reference, status, justification };
    if (scope.kind === 'everywhere') return [said];
    if (scope.kind === 'within') return [{ ...said, within: scope.container }];
    const isFact =
      status === 'fixed'
        ? isBuild(reference)
        : flag !== null && OF_BYTES.has(flag) && isBuild(reference);
    return isFact ? [said] : [];
  });
}

/** Whether a reference names bytes that are built once: by their digest, or with the release of a distribution. */
function isBuild({ thing, purl }: Reference): boolean {
  if (thing?.label === 'Artifact') return true;
  return thing?.label === 'PackageVersion' && isDistributed(tryParsePurl(purl ?? '')?.type ?? '');
}

/** What is not said of the other versions of a product's packages: of all of them, or of those below a fixed one. */
function besides(product: Product | undefined, isFixed: boolean): StatedConcern[] {
  return (product?.references ?? []).flatMap(({ thing, package: pkg, purl }): StatedConcern[] => {
    const stated = thing?.label === 'PackageVersion' && pkg !== null ? tryParsePurl(purl) : null;
    if (stated?.version == null) return [];
    const below = `vers:${stated.type}/<${encodeURIComponent(stated.version)}`;
    const isOrdered = isFixed && rangeProblem(stated.type, below) === null;
    const range = isOrdered ? below : null;
    const reference = { thing: null, package: pkg, purl: withVersion(stated.purl, null), range };
    return [{ reference, status: 'open' }];
  });
}

/** Where versions of a package are fixed, what is beside the affected ones need not be open above them. */
function withoutIdle(concerns: readonly StatedConcern[]): StatedConcern[] {
  const isBeside = ({ status, reference }: StatedConcern) =>
    status === 'open' && reference.thing === null;
  const bounded = new Set(
    concerns.flatMap((one) =>
      isBeside(one) && one.reference.range !== null ? (one.reference.package?.key ?? []) : [],
    ),
  );
  return concerns.filter(
    (one) =>
      !isBeside(one) ||
      one.reference.range !== null ||
      !bounded.has(one.reference.package?.key ?? ''),
  );
}

/** Product → the text that a list of remarks has for it; the first counts. */
function byProduct(
  remarks: readonly JsonObject[],
  member: string,
  value: JsonObject,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const remark of remarks) {
    const text = asText(remark[member], 300);
    if (text === null) continue;
    for (const id of productIds(remark, value)) if (!found.has(id)) found.set(id, text);
  }
  return found;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${clip(name, 60)}'`);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} other products` : ''}`;
}
