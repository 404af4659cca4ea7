import { StemmaError } from '../../../errors.ts';
import { sha256 } from '../../../model/event.ts';
import { buildKey } from '../../../model/keys.ts';
import { identifierProblem } from '../../../model/text.ts';
import { canonicalText } from '../../json.ts';
import type { Provenance } from './provenance.ts';
import type { Descriptor } from './statement.ts';
import { VENDORS, type Vendor } from './vendors.ts';

/** Which Build a provenance is about. */
export type BuildName = {
  readonly key: string;
  /** True where it describes one step of the build, so that its times and parameters are not those of the build. */
  readonly isStep: boolean;
};

/**
 * The Build that a provenance describes: the first row of the table of vendors that knows it, so that the webhook, the CI event and
 * the provenance of one run meet at one node. Never a bare id: without anything to put before it, the predicate is the name.
 *
 * @see design section 3
 */
export function buildOf(provenance: Provenance): BuildName {
  for (const vendor of VENDORS) {
    const key = keyBy(vendor, provenance);
    if (key !== null) return { key, isStep: vendor.isStep ?? false };
  }
  return { key: `sha256:${sha256(canonicalText(provenance.predicate))}`, isStep: false };
}

/** Null also where what identifies the build is too long for a key. */
function keyBy(vendor: Vendor, provenance: Provenance): string | null {
  try {
    const found = vendor.key(provenance);
    return found === null || identifierProblem(found) !== null ? null : buildKey(found, '');
  } catch (error) {
    if (error instanceof StemmaError) return null;
    throw error;
  }
}

/** Everything that went into the build: what the provenance lists, and what its vendor names elsewhere. */
export function sourcesOf(provenance: Provenance): Descriptor[] {
  const further = new Set(VENDORS.flatMap(({ moreSources }) => moreSources ?? []));
  return [
    ...provenance.dependencies,
    ...[...further].flatMap((moreSources) => moreSources(provenance)),
  ];
}
