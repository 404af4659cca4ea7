import { csaf } from './csaf/index.ts';
import { cyclonedx } from './cyclonedx/index.ts';
import { findings } from './findings/index.ts';
import type { Format } from './format.ts';
import { inToto } from './intoto/index.ts';
import { imageIndex } from './oci/index.ts';
import { openVex } from './openvex/index.ts';
import { githubAdvisory } from './osv/github.ts';
import { osv } from './osv/index.ts';
import { spdx, spdx3 } from './spdx/index.ts';

/** The formats of documents that are read, one line each; the first one that knows a document reads it. */
export const FORMATS: readonly Format[] = [
  cyclonedx,
  spdx,
  spdx3,
  imageIndex,
  osv,
  githubAdvisory,
  openVex,
  csaf,
  ...findings,
  inToto,
];
