import { canonicalAlgorithm, digestKeys } from '../../model/digest.ts';
import { isDistributed, type SourcePackage } from '../../model/package-match.ts';
import { purlProblem, tryParsePurl, type ParsedPurl } from '../../model/purl.ts';
import { identifierProblem } from '../../model/text.ts';
import { asObject, asText, clip, isObject, objectsOf, type JsonObject } from '../json.ts';
import type { Warnings } from '../warnings.ts';
import { imagesOfIndex } from './image-index.ts';
import { withVersionBeside } from './version-beside.ts';

/** A component as the document lists it, before anything is decided about its identity. */
export type Component = {
  /** Its place, such as `components.3.components.1`; its name where it has no bom-ref. */
  readonly path: string;
  readonly bomRef: string | null;
  readonly type: string | null;
  readonly name: string | null;
  readonly version: string | null;
  /** Null where there is none, or none that can be parsed. */
  readonly purl: ParsedPurl | null;
  /** As written. */
  readonly purlText: string | null;
  /** Digests that are strong enough to name an artifact, best first. */
  readonly digests: readonly string[];
  /**
   * False for what the document names and says not to be part of the thing: `scope` excluded (tests, tools of the build) and, from
   * 1.7 on, `isExternal` (brought by the environment).
   */
  readonly isContained: boolean;
  /** The source that a package of a distribution is built from, where the component's properties name it. */
  readonly source: SourcePackage | null;
  /** Whether it is an image index: what it lists are images. */
  readonly isImageIndex: boolean;
  /** What it is a fork or a patched copy of, and what those are, by its pedigree; no part of the thing. */
  readonly ancestors: readonly Component[];
};

/** Ancestors of ancestors that are read. */
const MAX_GENERATIONS = 10;

const WEAK = new Set(['md5', 'sha1']);
const SCOPES = ['required', 'optional', 'excluded'];

/**
 * The facts about one component that the reader uses; each that cannot be read is left out and named.
 *
 * @returns `isKnown` false where the component might be something that its name does not tell: a package URL that cannot be read,
 *   or nothing to know it by
 */
export function readComponent(
  value: JsonObject,
  path: string,
  warnings: Warnings,
  generation = 0,
): { readonly component: Component; readonly isKnown: boolean } {
  const text = (name: string): string | null => textIn(value, name, path, warnings);
  const version = text('version');
  const purlText = text('purl');
  const purl = tryParsePurl(purlText);
  if (purlText !== null && purl === null) {
    warnings.add(
      `${path}.purl`,
      `'${path}.purl' ("${clip(purlText, 100)}") ${purlProblem(purlText) ?? ''}; the component is known in this document alone.`,
    );
  }
  const component: Component = {
    path,
    bomRef: text('bom-ref'),
    type: text('type'),
    name: text('name'),
    version,
    purl: withVersionBeside(purl, version),
    purlText,
    digests: digestsOf(value['hashes'], `${path}.hashes`, warnings),
    isContained: isContained(value, path, warnings),
    source: purl === null ? null : sourceIn(value['properties'], purl),
    isImageIndex: imagesOfIndex(value).length > 0,
    ancestors: ancestorsOf(value, path, warnings, generation),
  };
  const isAnything = component.name !== null || purl !== null || component.digests.length > 0;
  if (!isAnything) {
    warnings.add(path, `'${path}' has neither a name, a package URL nor a hash to know it by.`);
  }
  const hasOddPurl = purl === null && value['purl'] !== undefined && value['purl'] !== '';
  return { component, isKnown: isAnything && !hasOddPurl };
}

/**
 * What Trivy writes of the source of a package: `aquasecurity:trivy:SrcName`, and the parts of its version.
 *
 * @see https://trivy.dev/latest/docs/supply-chain/sbom/#cyclonedx
 */
function sourceIn(properties: unknown, { type }: ParsedPurl): SourcePackage | null {
  if (!isDistributed(type)) return null;
  const stated = new Map<string, string>();
  for (const property of objectsOf(properties)) {
    const [key, value] = [asText(property['name']), asText(property['value'])];
    const part = /^aquasecurity:trivy:Src(Name|Epoch|Version|Release)$/.exec(key ?? '')?.[1];
    if (part !== undefined && value !== null) stated.set(part, value);
  }
  const source = stated.get('Name');
  if (source === undefined || identifierProblem(source) !== null) return null;
  const [epoch = '0', version, release] = ['Epoch', 'Version', 'Release'].map((part) =>
    stated.get(part),
  );
  if (version === undefined) return { name: source, version: null };
  const before = epoch === '0' ? '' : `${epoch}:`;
  return {
    name: source,
    version: `${before}${version}${release === undefined ? '' : `-${release}`}`,
  };
}

/** @see https://cyclonedx.org/docs/1.6/json/#components_items_pedigree_ancestors */
function ancestorsOf(
  value: JsonObject,
  path: string,
  warnings: Warnings,
  generation: number,
): Component[] {
  if (generation >= MAX_GENERATIONS) return [];
  return objectsOf(asObject(value['pedigree'])['ancestors']).flatMap((ancestor, index) => {
    const at = `${path}.pedigree.ancestors.${index}`;
    const { component } = readComponent(ancestor, at, warnings, generation + 1);
    return [component, ...component.ancestors];
  });
}

/** A whole number is as good as its text, as a version; any other number may have lost something (1.10 is 1.1). */
function textIn(value: JsonObject, name: string, path: string, warnings: Warnings): string | null {
  const member = value[name];
  if (typeof member === 'string' || member === undefined || member === null) return asText(member);
  const isWhole = name === 'version' && Number.isSafeInteger(member);
  warnings.add(
    `${path}.${name}`,
    `'${path}.${name}' must be a string${isWhole ? '' : ' and is left out'}.`,
  );
  return isWhole ? JSON.stringify(member) : null;
}

/**
 * Digests that name a file, best first: MD5 and SHA-1 do not. Two values of one algorithm contradict each other, and neither is
 * believed.
 */
function digestsOf(hashes: unknown, path: string, warnings: Warnings): string[] {
  if (hashes === undefined || hashes === null) return [];
  if (!Array.isArray(hashes)) {
    warnings.add(path, `'${path}' must be an array and is left out.`);
    return [];
  }
  const byAlgorithm = new Map<string, Set<string>>();
  for (const [index, hash] of hashes.entries()) {
    const at = `${path}.${index}`;
    const { alg, content } = isObject(hash) ? hash : {};
    const [key] = typeof alg === 'string' ? digestKeys({ [alg]: content }) : [];
    if (typeof alg !== 'string' || key === undefined) {
      warnings.add(
        at,
        `'${at}' is not a hash that identifies a file (an algorithm with hex content of its length) and is left out.`,
      );
      continue;
    }
    const algorithm = canonicalAlgorithm(alg);
    if (WEAK.has(algorithm)) continue;
    byAlgorithm.set(algorithm, (byAlgorithm.get(algorithm) ?? new Set()).add(key));
  }
  const agreed: Record<string, string> = {};
  for (const [algorithm, keys] of byAlgorithm) {
    const [key = ''] = keys;
    if (keys.size === 1) agreed[algorithm] = key.slice(algorithm.length + 1);
    else {
      warnings.add(
        path,
        `'${path}' has ${keys.size} different values of ${algorithm}: all are left out.`,
      );
    }
  }
  return digestKeys(agreed);
}

/** @see https://cyclonedx.org/docs/1.7/json/#components_items_scope, …#components_items_isExternal */
function isContained({ scope, isExternal }: JsonObject, path: string, warnings: Warnings): boolean {
  if (scope !== undefined && scope !== null && !SCOPES.some((known) => known === scope)) {
    warnings.add(
      `${path}.scope`,
      `'${path}.scope' must be one of ${SCOPES.join(', ')}: the component counts as required.`,
    );
  }
  return scope !== 'excluded' && isExternal !== true;
}
