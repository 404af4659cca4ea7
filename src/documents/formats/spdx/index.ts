import { parseBom } from '../../bom/record.ts';
import type { Format } from '../format.ts';
import { arrayIn, isSpdx, readSpdx, spdxIn } from './document.ts';
import { isSpdx3, notReadOf3, readSpdx3 } from './three.ts';

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

/** SPDX 3.0 in JSON-LD. @see https://spdx.github.io/spdx-spec/v3.0.1/ */
export const spdx3: Format = {
  title: 'SPDX 3',
  is: isSpdx3,
  parse: (value, options) => parseBom(readSpdx3(value, options.warnings), options),
  notRead: notReadOf3,
};
