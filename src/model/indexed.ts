import { StemmaError } from '../errors.ts';
import type { Changes, NodeChange } from './change.ts';
import type { NodeLabel, NodeRef } from './node.ts';
import { keyProblem } from './text.ts';

/** Properties that an index of `cypher/schema` keeps beside the key of every node. */
export const INDEXED_PROPERTIES: Readonly<Partial<Record<NodeLabel, readonly string[]>>> = {
  Deployment: ['completedBy', 'rollback'],
  Document: ['serialNumber'],
  Package: ['name'],
  PackageVersion: ['matchName'],
  Repository: ['hostId'],
};

/**
 * What an event says, where the indexes of the graph take all of it: the database would fail the transaction, and say so in words that
 * help nobody.
 *
 * @throws StemmaError BAD_USER_INPUT naming the first thing whose key is too long
 */
export function checkIndexed(changes: Changes): Changes {
  const { subject, nodes, edges, edgeEndings = [], nodeEndings = [], endsClaims } = changes;
  if (subject !== null) checkRef(subject);
  for (const node of nodes) {
    checkRef(node);
    checkProperties(node);
  }
  for (const { from, to } of edges) for (const end of [from, to]) checkRef(end);
  for (const { from, to } of edgeEndings) for (const end of [from, to]) checkRef(end);
  for (const node of nodeEndings) checkRef(node);
  for (const claim of endsClaims) check('A claim', claim);
  return changes;
}

function checkRef({ label, key }: NodeRef): void {
  check(`The key of ${label}`, key);
}

function checkProperties({ label, facets }: NodeChange): void {
  for (const name of INDEXED_PROPERTIES[label] ?? []) {
    for (const facet of Object.values(facets)) {
      const value = facet[name];
      if (typeof value === 'string') check(`'${name}' of ${label}`, value);
    }
  }
}

function check(what: string, text: string): void {
  const problem = keyProblem(text);
  if (problem === null) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `${what} '${text.slice(0, 80).toWellFormed()}…' ${problem}: give a shorter name.`,
  );
}
