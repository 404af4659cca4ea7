import type { Format } from '../format.ts';
import { parseAttestation } from './attestation.ts';
import { attestedBom } from './attested-bom.ts';
import { isBundle, isDsse } from './envelope.ts';
import { isStatement } from './statement.ts';

/** A statement by itself, in a DSSE envelope, or in a bundle of Sigstore. @see https://github.com/in-toto/attestation/tree/v1.1.0/spec */
export const inToto: Format = {
  title: 'in-toto, DSSE, Sigstore bundle',
  is: (value) => isBundle(value) || isDsse(value) || isStatement(value),
  parse: parseAttestation,
  bom: attestedBom,
};
