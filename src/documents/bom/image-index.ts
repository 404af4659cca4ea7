import { tryParsePurl, type ParsedPurl } from '../../model/purl.ts';
import { asObject, asText, objectsOf, type JsonObject } from '../json.ts';

/**
 * The images of an image index. CycloneDX has no place for them; Red Hat's documents list them as variants of the index. Variants
 * are siblings otherwise: they are images of an index only where each is an image for one platform, and their owner is one for none.
 *
 * @see https://cyclonedx.org/docs/1.6/json/#components_items_pedigree_variants
 */
export function imagesOfIndex(component: JsonObject): readonly JsonObject[] {
  const variants = objectsOf(asObject(component['pedigree'])['variants']);
  if (variants.length === 0 || !isImage(component) || platformOf(component) !== null) return [];
  const areImages = variants.every((one) => isImage(one) && platformOf(one) !== null);
  return areImages ? variants : [];
}

function isImage(component: JsonObject): boolean {
  return component['type'] === 'container' && purlOf(component)?.digest != null;
}

function platformOf(component: JsonObject): string | null {
  const query = purlOf(component)?.purl.split('?')[1];
  return query === undefined ? null : new URLSearchParams(query.split('#')[0]).get('arch');
}

function purlOf(component: JsonObject): ParsedPurl | null {
  return tryParsePurl(asText(component['purl']));
}
