import { parseReference, type Reference } from '../../../model/concern.ts';
import { digestKeys, digestSet } from '../../../model/digest.ts';
import { refId } from '../../../model/node.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { withVersion } from '../../../model/purl-text.ts';
import { keyProblem } from '../../../model/text.ts';
import { asArray, asObject, asText, clip, objectsOf, type JsonObject } from '../../json.ts';
import type { Warnings } from '../../warnings.ts';

/** Where what is said of a product holds. */
export type Scope =
  /** The product itself is meant, wherever it is. */
  | { readonly kind: 'everywhere' }
  /** As a part of another product, `Label:key`. */
  | { readonly kind: 'within'; readonly container: string }
  /** As a part of something that is known by name or CPE alone. */
  | { readonly kind: 'somewhere' }
  /** The document defines the product twice, each time as something else. */
  | { readonly kind: 'nowhere' };

/** What the product tree says of one product_id. */
export type Product = {
  readonly id: string;
  readonly name: string;
  /** What it is known by elsewhere; none where that is its name or its CPE alone. */
  readonly references: readonly Reference[];
  /** The same, where only an exact version is sure to be meant; of these something may be cleared. */
  readonly exact: readonly Reference[];
  readonly scope: Scope;
  /** What it is a part of, where that is known. */
  readonly container: readonly Reference[];
};

/** Relationships of relationships that are followed. */
const MAX_DEPTH = 10;
const MAX_BRANCHES = 200;
const EVERYWHERE: Scope = { kind: 'everywhere' };

/**
 * The products of a document by product_id: those of the branches, of `full_product_names`, and of the relationships between them.
 *
 * @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#322-product-tree-property
 */
export function productsIn(value: JsonObject, warnings: Warnings): ReadonlyMap<string, Product> {
  const tree = asObject(value['product_tree']);
  const found = new Map<string, Product>();
  const add = (product: Product | null): void => {
    if (product === null) return;
    const known = found.get(product.id);
    if (known === undefined) {
      found.set(product.id, product);
      return;
    }
    if (JSON.stringify(known.references) === JSON.stringify(product.references)) return;
    const [references, scope] = [
      [...known.references, ...product.references],
      { kind: 'nowhere' },
    ] as const;
    found.set(product.id, { ...known, references, scope });
    const id = clip(product.id, 80);
    warnings.add(
      'product_tree',
      `The product '${id}' is defined twice, as something else each time: nothing is cleared of it.`,
    );
  };
  for (const [index, member] of asArray(tree['full_product_names']).entries()) {
    add(productOf(asObject(member), null, `product_tree.full_product_names.${index}`, warnings));
  }
  const walk = (list: unknown, path: string, version: string | null, depth: number): void => {
    if (depth > MAX_BRANCHES) {
      warnings.add(
        'product_tree',
        `The product tree is deeper than ${MAX_BRANCHES} branches: what is below is not read.`,
      );
      return;
    }
    for (const [index, branch] of objectsOf(list).entries()) {
      const at = `${path}.${index}`;
      const category = asText(branch['category']) ?? '';
      const own = /^product_version(?:_range)?$/.test(category) ? asText(branch['name']) : version;
      if (branch['product'] !== undefined) {
        add(productOf(asObject(branch['product']), own, `${at}.product`, warnings));
      }
      walk(branch['branches'], `${at}.branches`, own, depth + 1);
    }
  };
  walk(tree['branches'], 'product_tree.branches', null, 0);
  for (const product of relatedIn(tree, found)) add(product);
  return found;
}

/** The ids of the products that a list names itself, or by their groups. */
export function productIds(member: JsonObject, value: JsonObject): string[] {
  const groups = objectsOf(asObject(value['product_tree'])['product_groups']);
  const named = new Set(textsOf(member['group_ids']));
  const ofGroups = groups
    .filter((group) => named.has(asText(group['group_id']) ?? ''))
    .flatMap((group) => textsOf(group['product_ids']));
  return [...new Set([...textsOf(member['product_ids']), ...ofGroups])];
}

export function textsOf(list: unknown): string[] {
  return asArray(list).flatMap((member) => asText(member) ?? []);
}

/** @param version that the branches name */
function productOf(
  product: JsonObject,
  version: string | null,
  path: string,
  warnings: Warnings,
): Product | null {
  const id = asText(product['product_id']);
  if (id === null) {
    warnings.add(path, `'${path}' has no product_id and is left out.`);
    return null;
  }
  const helper = asObject(product['product_identification_helper']);
  const digests = objectsOf(helper['hashes']).flatMap(({ file_hashes: hashes }) => {
    const set = objectsOf(hashes).map(({ algorithm, value }) => [String(algorithm), value]);
    return digestSet(digestKeys(Object.fromEntries(set) as JsonObject))?.best ?? [];
  });
  const purls = [...textsOf([helper['purl']]), ...textsOf(helper['purls'])];
  for (const purl of purls) {
    if (tryParsePurl(purl) !== null) continue;
    warnings.add(
      path,
      `The product '${clip(id, 80)}' has the package URL '${clip(purl, 80)}', which cannot be read.`,
    );
  }
  const uris = objectsOf(helper['x_generic_uris']).flatMap(({ uri }) => {
    const reference = parseReference(asText(uri) ?? '');
    return reference?.thing?.key.startsWith('urn:cdx:') === true ? [reference] : [];
  });
  const files = [...digests.flatMap((digest) => parseReference(digest) ?? []), ...uris];
  const packages = purls.flatMap((purl) => packagesOf(purl, version));
  const isIndexed = ({ thing, package: pkg }: Reference): boolean =>
    keyProblem((thing ?? pkg)?.key ?? '') === null;
  const exact = packages.filter(({ isSure }) => isSure).map(({ reference }) => reference);
  return {
    ...{ id, name: asText(product['name'], 200) ?? id },
    references: [...files, ...packages.map(({ reference }) => reference)].filter(isIndexed),
    // bytes are known better by their digest: another file of the package may be another one
    exact: (files.length > 0 ? files : exact).filter(isIndexed),
    ...{ scope: EVERYWHERE, container: [] },
  };
}

/**
 * What a package URL means under a branch of one version, or of a range. `isSure` false where more may be meant than the branch says, or
 * less, so that nothing can be cleared of it.
 */
function packagesOf(
  text: string,
  version: string | null,
): { readonly reference: Reference; readonly isSure: boolean }[] {
  const whole = parseReference(text);
  const purl = tryParsePurl(text);
  if (whole === null || purl === null) return [];
  // a tag is another image tomorrow
  if (whole.package === null || whole.thing?.label === 'Resource') {
    return [{ reference: whole, isSure: whole.thing?.label === 'Artifact' }];
  }
  if (whole.thing !== null || whole.range !== null || version === null || isNameOf(version)) {
    return [{ reference: whole, isSure: true }];
  }
  if (/^vers:/i.test(version)) return [{ reference: { ...whole, range: version }, isSure: true }];
  if (/^[vV]?\d[\w.+~:-]*$/.test(version)) {
    const one = parseReference(withVersion(purl.purl, version));
    return one === null ? [] : [{ reference: one, isSure: true }];
  }
  return [{ reference: whole, isSure: false }];

  function isNameOf(name: string): boolean {
    return [purl?.name, `${purl?.namespace}/${purl?.name}`].includes(name);
  }
}

/** "A as a component of B", also where A or B are such themselves. */
function relatedIn(tree: JsonObject, known: ReadonlyMap<string, Product>): Product[] {
  const relationships = new Map<string, JsonObject>();
  for (const relationship of objectsOf(tree['relationships'])) {
    const id = asText(asObject(relationship['full_product_name'])['product_id']);
    if (id !== null && !relationships.has(id)) relationships.set(id, relationship);
  }
  const find = (id: string | null, depth: number): Product | null => {
    if (id === null || depth > MAX_DEPTH) return null;
    const direct = known.get(id);
    if (direct !== undefined) return direct;
    const relationship = relationships.get(id);
    if (relationship === undefined) return null;
    const part = find(asText(relationship['product_reference']), depth + 1);
    const holder = find(asText(relationship['relates_to_product_reference']), depth + 1);
    const stated = productNamed(asObject(relationship['full_product_name']), id);
    const [container, ...others] = holder?.exact ?? [];
    const node = container?.thing ?? container?.package;
    const isPlain = part?.scope.kind === 'everywhere' && holder?.scope.kind === 'everywhere';
    const isKnown = isPlain && node != null && others.length === 0 && container?.range === null;
    return {
      ...{ id, name: stated, references: part?.references ?? [], exact: part?.exact ?? [] },
      scope: isKnown ? { kind: 'within', container: refId(node) } : { kind: 'somewhere' },
      container: holder?.references ?? [],
    };
  };
  return [...relationships.keys()].flatMap((id) => find(id, 0) ?? []);
}

function productNamed(product: JsonObject, id: string): string {
  return asText(product['name'], 200) ?? id;
}
