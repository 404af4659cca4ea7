import type { EdgeChange } from './change.ts';
import { algorithmOf, identifiesContent } from './digest.ts';
import type { NodeRef } from './node.ts';
import { isFileSpecificKey } from './purl-files.ts';
import { isStubDigest } from './stub-digest.ts';

/**
 * How the names of one file are joined: what identifies it is the same thing (SAME_AS, PACKAGED_AS: walked both ways), what it
 * only shares with others stands beside it (HAS_DIGEST, DISTRIBUTION_OF: never walked through).
 *
 * @param named the digest that names the artifact
 * @param digests all of its digests, canonical; `named` may be among them
 * @param version key of the PackageVersion that it is called, or null
 */
export function fileEdges(
  named: string,
  digests: readonly string[],
  version: string | null,
): EdgeChange[] {
  if (isStubDigest(named)) return [];
  const others = digests.filter((key) => key !== named && !isStubDigest(key));
  const file = artifact(named);
  const edges = others.flatMap((other) => digestEdges(file, artifact(other)));
  if (version === null) return edges;
  const names: NodeRef = { label: 'PackageVersion', key: version };
  if (!identifiesContent(named) || !isOneFile(version)) {
    return [...edges, { type: 'DISTRIBUTION_OF', from: file, to: names }];
  }
  // each digest is joined to the name by itself, so that two files of one name are seen to differ whichever digest tells it
  const digestsOf = [named, ...others.filter(identifiesContent)];
  return [...edges, ...digestsOf.flatMap((key) => bothWays('PACKAGED_AS', artifact(key), names))];
}

/** A build made a thing; where the thing is a version of several files, one of them. */
export function generatedBy(thing: NodeRef, build: NodeRef): EdgeChange {
  const isNamed = thing.label !== 'PackageVersion' || isOneFile(thing.key);
  return { type: isNamed ? 'GENERATED_BY' : 'MAY_BE_GENERATED_BY', from: thing, to: build };
}

/** A component without purl has a key of its document's own, and is the file that the document says it is. */
export function isOneFile(version: string): boolean {
  return !version.startsWith('pkg:') || isFileSpecificKey(version);
}

/** Two strong digests of different algorithms are two names; two of one algorithm are two things, and nothing joins them. */
export function digestEdges(file: NodeRef, other: NodeRef): EdgeChange[] {
  if (!identifiesContent(file.key)) {
    // of two digests the one that identifies has the other
    if (identifiesContent(other.key)) return digestEdges(other, file);
  } else if (identifiesContent(other.key)) {
    const isSame = algorithmOf(file.key) !== algorithmOf(other.key);
    return isSame ? bothWays('SAME_AS', file, other) : [];
  }
  return [{ type: 'HAS_DIGEST', from: file, to: other }];
}

/** An identity hop is stored in both directions. */
function bothWays(type: 'SAME_AS' | 'PACKAGED_AS', a: NodeRef, b: NodeRef): EdgeChange[] {
  return [
    { type, from: a, to: b },
    { type, from: b, to: a },
  ];
}

function artifact(key: string): NodeRef {
  return { label: 'Artifact', key };
}
