import { parseBom } from '../../bom/record.ts';
import type { Format } from '../format.ts';
import { arrayIn, isSpdx, readSpdx, spdxIn } from './document.ts';

/** SPDX 2.2 and 2.3 in JSON. @see https://spdx.github.io/spdx-spec/v2.3/ */
export const spdx: Format = {
  title: 'SPDX 2',
  is: isSpdx,
  parse: (value, options) => parseBom(readSpdx(value, options.warnings), options),
  notRead(value) {
    const document = spdxIn(value);
    const told: readonly (readonly [string, string])[] = [
      ['files', 'single files of its packages'],
      ['snippets', 'parts of files'],
      ['hasExtractedLicensingInfos', 'texts of licences'],
      ['annotations', 'comments'],
    ];
    return told.flatMap(([name, what]) => {
      const count = arrayIn(document, name).length;
      return count === 0 ? [] : [`${name} (${count}): ${what}`];
    });
  },
};
