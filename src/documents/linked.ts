import { StemmaError } from '../errors.ts';
import { isBom } from './cyclonedx/bom.ts';
import { linkedComponent, type LinkedComponent } from './cyclonedx/links.ts';
import { attestedBom } from './intoto/attested-bom.ts';
import { isBundle, isDsse } from './intoto/envelope.ts';
import { isStatement } from './intoto/statement.ts';
import { isObject, tryParseJson } from './json.ts';

/**
 * The component that a bom-ref names in the bytes that were submitted: a CycloneDX document, or an attestation that holds one. Null
 * where there is none, or the text is neither.
 */
export function linkedIn(text: string, sha256: string, bomRef: string): LinkedComponent | null {
  const value = tryParseJson(text);
  if (!isObject(value)) return null;
  if (isBom(value)) return linkedComponent(value, sha256, bomRef);
  if (!isBundle(value) && !isDsse(value) && !isStatement(value)) return null;
  try {
    const attested = attestedBom(value);
    const found = attested === null ? null : linkedComponent(attested.bom, sha256, bomRef);
    // an attested document is about what is attested, whatever it calls its root
    return found === null ? null : { ...found, root: attested?.subject ?? found.root };
  } catch (error) {
    if (error instanceof StemmaError) return null;
    throw error;
  }
}
