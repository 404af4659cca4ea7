import { digestKeys, digestSet } from '../../../model/digest.ts';
import type { NodeRef } from '../../../model/node.ts';
import type { JsonObject } from '../../json.ts';
import { createWarnings } from '../../warnings.ts';
import { embeddedIn } from './embedded.ts';
import { openEnvelope } from './envelope.ts';
import { parseStatement } from './statement.ts';

/**
 * The CycloneDX document in an attestation and, where the statement has a single subject, the artifact that it is about. Null where
 * the predicate is another one.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function attestedBom(
  value: JsonObject,
): { readonly bom: JsonObject; readonly subject: NodeRef | null } | null {
  const warnings = createWarnings();
  const statement = parseStatement(openEnvelope(value, warnings).statement, warnings);
  const embedded = embeddedIn(statement, warnings);
  if (embedded.kind !== 'cyclonedx') return null;
  const [subject, ...others] = statement.subjects;
  const best =
    subject === undefined || others.length > 0
      ? undefined
      : digestSet(digestKeys(subject.digest))?.best;
  return {
    bom: embedded.value,
    subject: best === undefined ? null : { label: 'Artifact', key: best },
  };
}
