import { createWarnings } from '../../warnings.ts';
import type { Format } from '../format.ts';
import { parseBom } from '../../bom/record.ts';
import { isBom, readBom, readVersion } from './bom.ts';
import { schemaComplaint } from './schema.ts';

/** @see https://cyclonedx.org/specification/overview/ */
export const cyclonedx: Format = {
  title: 'CycloneDX',
  is: isBom,
  parse: (value, options) => parseBom(readBom(value, options.warnings), options),
  async complaint(value) {
    const { version, isKnown } = readVersion(value, createWarnings());
    return isKnown ? schemaComplaint(version, value) : null;
  },
  bom: (value) => ({ bom: value, subject: null }),
};
