import { createWarnings } from '../../warnings.ts';
import type { Format } from '../format.ts';
import { isBom, readVersion } from './bom.ts';
import { parseSbom } from './sbom.ts';
import { schemaComplaint } from './schema.ts';

/** @see https://cyclonedx.org/specification/overview/ */
export const cyclonedx: Format = {
  title: 'CycloneDX',
  is: isBom,
  parse: parseSbom,
  async complaint(value) {
    const { version, isKnown } = readVersion(value, createWarnings());
    return isKnown ? schemaComplaint(version, value) : null;
  },
  bom: (value) => ({ bom: value, subject: null }),
};
