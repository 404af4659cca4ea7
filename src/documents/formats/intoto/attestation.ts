import { digestKeys, identifiesContent } from '../../../model/digest.ts';
import { sha256 as hashOf } from '../../../model/event.ts';
import { forgeOf } from '../../../model/run-key.ts';
import { identifierProblem } from '../../../model/text.ts';
import type { NodeRef } from '../../../model/node.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { withOneScheme } from '../../../model/uri.ts';
import { stated } from '../../../model/change.ts';
import { createChanges, type DocumentChanges } from '../../changes.ts';
import { canonicalText, clip, type JsonObject } from '../../json.ts';
import { recordArtifact } from '../../identity.ts';
import { warningsFacet } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';
import { buildOf, sourcesOf } from './build-key.ts';
import { recordCommit, recordDependency } from './dependency.ts';
import { openEnvelope } from './envelope.ts';
import { recordPredicate } from './predicate.ts';
import { commitIn, gitSource, isCommitName, onForge, purlSource } from './git.ts';
import { provenanceOf, type Provenance } from './provenance.ts';
import { parseStatement, type Descriptor } from './statement.ts';

/** Longest text of a build's parameters that is kept. */
const MAX_PARAMETERS = 16_384;

/**
 * What an in-toto attestation says, believed by nobody yet: the edges carry the document as their claim, and what the claim is
 * worth is decided by verification.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function parseAttestation(
  value: JsonObject,
  { sha256, warnings }: Pick<ParseOptions, 'sha256' | 'warnings'>,
): ParsedDocument {
  const { wrapping, statement: content, payloadType, signatures } = openEnvelope(value, warnings);
  const statement = parseStatement(content, warnings);
  const provenance = provenanceOf(statement);
  const changes = createChanges(warnings);
  const attestation = changes.refer('Attestation', sha256);
  const build = provenance === null ? null : recordBuild(changes, provenance);
  const subjects = statement.subjects.flatMap(
    (subject) => recordSubject(changes, attestation, build, subject) ?? [],
  );
  const sbom =
    provenance === null
      ? recordPredicate(changes, statement, { sha256, subjects, warnings })
      : null;
  changes.state('Attestation', sha256, {
    statement: {
      predicateType: statement.predicateType,
      statementType: statement.type,
      payloadType,
      signatures,
      issuedAt: sbom?.issuedAt ?? null,
    },
    warnings: warningsFacet(warnings),
  });
  return {
    format: [
      wrapping,
      `in-toto-${statement.version}`,
      provenance === null ? '' : `slsa-provenance-${provenance.version}`,
      sbom?.format ?? '',
    ]
      .filter((part) => part !== '')
      .join('+'),
    changes: changes.finish({
      subject: attestation,
      claim: sha256,
      validFrom: provenance?.finishedAt ?? provenance?.startedAt ?? sbom?.issuedAt ?? null,
    }),
    warnings: warnings.list(),
  };
}

function recordBuild(changes: DocumentChanges, provenance: Provenance): NodeRef {
  const { invocationId } = provenance;
  const unnamed = invocationId === null ? null : identifierProblem(invocationId);
  if (invocationId !== null && unnamed !== null) {
    changes.leaveOut('The invocation id', invocationId, unnamed);
  }
  const { key, isStep } = buildOf(provenance);
  const build = changes.state('Build', key, isStep ? {} : buildFacets(provenance));
  const builderId = provenance.builderId === null ? null : withOneScheme(provenance.builderId);
  const problem = builderId === null ? null : identifierProblem(builderId);
  if (builderId !== null && problem !== null) changes.leaveOut('The builder', builderId, problem);
  if (builderId !== null && problem === null) {
    const builder = changes.refer('Builder', builderId, {
      version: stated({ version: provenance.builderVersion }),
    });
    changes.link('RAN_ON', build, builder);
  }
  for (const dependency of sourcesOf(provenance)) {
    recordDependency(changes, build, dependency, forgeOf(key));
  }
  return build;
}

function buildFacets({ buildType, parameters, startedAt, finishedAt }: Provenance) {
  return {
    type: stated({ buildType }),
    parameters: stated({ parameters: parametersText(parameters) }),
    start: stated({ startedAt }),
    // Nobody attests a build that failed.
    end: finishedAt === null ? null : { finishedAt, outcome: 'success' },
  };
}

/** A subject whose digest is missing, or is that of something that is not a file, names nothing and is left out: null. */
function recordSubject(
  changes: DocumentChanges,
  attestation: NodeRef,
  build: NodeRef | null,
  subject: Descriptor,
): NodeRef | null {
  const { name, uri, mediaType, digest } = subject;
  const purl = tryParsePurl(name) ?? tryParsePurl(uri);
  const git = onForge(
    gitSource(uri) ?? gitSource(name) ?? (purl === null ? null : purlSource(purl)),
    build === null ? null : forgeOf(build.key),
  );
  const isGit = git !== null || isCommitName(name, digest) || isCommitName(uri, digest);
  const commit = commitIn(digest, isGit);
  if (commit !== null) changes.link('ATTESTS', attestation, recordCommit(changes, commit, git));

  // beside a commit, a tree or a tag is git's as well
  const keys = digestKeys(digest).filter(
    (key) => !isDigestOfText(key, name) && (commit === null || isFileBeside(key, commit)),
  );
  const url = subject.downloadLocation;
  const artifact = recordArtifact(changes, keys, true, { name, mediaType, url, purl });
  if (artifact === null) return null;
  changes.link('ATTESTS', attestation, artifact);
  if (build !== null) changes.link('GENERATED_BY', artifact, build);
  return artifact;
}

function isFileBeside(key: string, commit: string): boolean {
  return identifiesContent(key) && !key.endsWith(`:${commit}`);
}

/**
 * go-witness has subjects to find a document by, whose digest is that of the text behind a colon: a pipeline's URL, a committer's
 * address (github.com/in-toto/go-witness, attestation/{git,gitlab,github}: Subjects). No file has that digest.
 */
function isDigestOfText(key: string, name: string | null): boolean {
  if (name === null || !key.startsWith('sha256:')) return false;
  const value = key.slice('sha256:'.length);
  for (let at = name.indexOf(':'); at !== -1; at = name.indexOf(':', at + 1)) {
    if (hashOf(name.slice(at + 1)) === value) return true;
  }
  return hashOf(name) === value;
}

function parametersText(parameters: unknown): string | null {
  const text = parameters === undefined || parameters === null ? '' : canonicalText(parameters);
  return text === '' || text === '{}' || text === '[]' ? null : clip(text, MAX_PARAMETERS);
}
