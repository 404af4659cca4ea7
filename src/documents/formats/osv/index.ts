import type { Format } from '../format.ts';
import { isOsv, parseOsv } from './advisory.ts';

/** An advisory of the Open Source Vulnerability format. @see https://ossf.github.io/osv-schema/ */
export const osv: Format = {
  title: 'OSV',
  is: isOsv,
  parse: parseOsv,
  notRead(value) {
    const names = ['related', 'upstream'].filter((name) => Array.isArray(value[name]));
    return names.map((name) => `${name}: other vulnerabilities, which are not the same`);
  },
};
