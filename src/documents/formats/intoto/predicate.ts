import { StemmaError } from '../../../errors.ts';
import type { NodeRef } from '../../../model/node.ts';
import type { DocumentChanges } from '../../changes.ts';
import { recordCsaf } from '../csaf/advisory.ts';
import { readBom } from '../cyclonedx/bom.ts';
import { rootsOfSubjects } from '../../bom/component.ts';
import { recordBom } from '../../bom/record.ts';
import type { Warnings } from '../../warnings.ts';
import { recordOpenVex } from '../openvex/statements.ts';
import { readSpdx } from '../spdx/document.ts';
import { embeddedIn, type Embedded } from './embedded.ts';
import type { Statement } from './statement.ts';

type PredicateOptions = {
  /** Digest of the attestation's bytes: the claim of everything that it says. */
  readonly sha256: string;
  /** The artifacts that the statement is about. */
  readonly subjects: readonly NodeRef[];
  readonly warnings: Warnings;
};

/**
 * A document in a predicate is read like the document itself: it is about the subjects of the statement. Null where nothing of the
 * predicate is read, which is a warning: the statement says of its subjects that they were attested all the same.
 */
export function recordPredicate(
  changes: DocumentChanges,
  statement: Statement,
  { sha256, subjects, warnings }: PredicateOptions,
): { readonly format: string; readonly issuedAt: number | null } | null {
  const embedded = embeddedIn(statement, warnings);
  if (embedded.kind === 'unread') {
    warnings.add('predicate', embedded.reason);
    return null;
  }
  if (embedded.kind === 'findings') return recordFindings(changes, embedded, sha256, warnings);
  const { kind, value } = embedded;
  if (kind === 'openvex') {
    return tryRead('OpenVEX', warnings, () => recordOpenVex(changes, value, warnings));
  }
  if (kind === 'csaf') {
    return tryRead('CSAF', warnings, () => recordCsaf(changes, value, sha256, warnings));
  }
  const bom =
    kind === 'spdx'
      ? tryRead('SPDX', warnings, () => readSpdx(value, warnings))
      : tryRead('CycloneDX', warnings, () => readBom(value, warnings));
  if (bom === null) return null;
  const roots = rootsOfSubjects(changes, bom.root, subjects, sha256);
  const { format } = recordBom(changes, bom, { sha256, size: null, roots, warnings });
  return { format, issuedAt: bom.issuedAt };
}

/** What a scanner found in what the statement is about. */
function recordFindings(
  changes: DocumentChanges,
  { format, value }: Extract<Embedded, { kind: 'findings' }>,
  sha256: string,
  warnings: Warnings,
): { readonly format: string; readonly issuedAt: number | null } | null {
  const options = { sha256, size: null, about: null, isJson: true, warnings };
  const read = tryRead(format.title, warnings, () => format.parse(value, options));
  if (read === null) return null;
  changes.include(read.changes);
  return { format: read.format, issuedAt: read.changes.validFrom };
}

function tryRead<T>(format: string, warnings: Warnings, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StemmaError)) throw error;
    warnings.add(
      'predicate',
      `The ${format} document in the predicate cannot be read: ${error.message}`,
    );
    return null;
  }
}
