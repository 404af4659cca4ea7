import { readFileSync } from 'node:fs';

const file = new URL('../package.json', import.meta.url);
const content = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
}; // our own file

/** The version of this program, from its own package file. */
export const VERSION: string = content.version;

/** The oldest Node that it runs on; bin/stemma.mjs and scripts/setup.mjs read the same place. */
export const OLDEST_NODE: string = content.engines.node.slice('>='.length);
