import { asObject, objectsOf } from '../../json.ts';
import type { Format } from '../format.ts';
import { isCsaf, parseCsaf } from './advisory.ts';

/** CSAF 2.0 and 2.1: advisories and VEX. @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html */
export const csaf: Format = {
  title: 'CSAF',
  is: isCsaf,
  parse: parseCsaf,
  notRead(value) {
    const vulnerabilities = objectsOf(value['vulnerabilities']);
    const count = (list: (vulnerability: (typeof vulnerabilities)[number]) => unknown) =>
      vulnerabilities.reduce((sum, one) => sum + objectsOf(list(one)).length, 0);
    const told: readonly (readonly [number, string])[] = [
      [count(({ remediations }) => remediations), 'remediations: what to do about it'],
      [
        count(({ scores, metrics }) => scores ?? metrics),
        'scores: the highest is kept, its vectors are not',
      ],
      [objectsOf(asObject(value['document'])['notes']).length, 'notes of the document'],
    ];
    return told.flatMap(([found, what]) => (found === 0 ? [] : [`${found} ${what}`]));
  },
};
