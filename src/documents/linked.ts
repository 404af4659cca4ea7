import { StemmaError } from '../errors.ts';
import { linkedComponent, type LinkedComponent } from './formats/cyclonedx/links.ts';
import type { HeldBom } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { isObject } from './json.ts';
import { readText } from './text.ts';
import { createWarnings } from './warnings.ts';

export type { LinkedComponent } from './formats/cyclonedx/links.ts';

/**
 * The component that a bom-ref names in the bytes that were submitted: a CycloneDX document, or an attestation that holds one. Null
 * where there is none, or the text is neither.
 */
export function linkedIn(text: string, sha256: string, bomRef: string): LinkedComponent | null {
  const held = bomIn(text);
  const found = held === null ? null : linkedComponent(held.bom, sha256, bomRef);
  // an attested document is about what is attested, whatever it calls its root
  return found === null ? null : { ...found, root: held?.subject ?? found.root };
}

function bomIn(text: string): HeldBom | null {
  try {
    const value = readText(text, createWarnings());
    if (!isObject(value)) return null;
    return FORMATS.find(({ is }) => is(value))?.bom?.(value) ?? null;
  } catch (error) {
    if (error instanceof StemmaError) return null;
    throw error;
  }
}
