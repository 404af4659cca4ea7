import { digestKeys } from '../../../model/digest.ts';
import { isPlaceholderUri } from '../../../model/placeholder.ts';
import { tryThingRef } from '../../../model/keys.ts';
import type { NodeRef } from '../../../model/node.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { identifierProblem } from '../../../model/text.ts';
import type { DocumentChanges } from '../../changes.ts';
import { recordArtifact, recordPackageVersion } from '../../identity.ts';
import {
  commitIn,
  gitSource,
  isCommitName,
  onForge,
  purlSource,
  splitSource,
  type GitSource,
} from './git.ts';
import type { Descriptor } from './statement.ts';

/**
 * One thing that went into a build: a commit, an artifact, or something that is known by name alone.
 *
 * @param server the forge that ran the build (`https://host`), where that is known
 */
export function recordDependency(
  changes: DocumentChanges,
  build: NodeRef,
  dependency: Descriptor,
  server: string | null,
): void {
  const named = [dependency.uri, dependency.downloadLocation, dependency.name];
  const uri = named.find((name) => name !== null && !isPlaceholderUri(name)) ?? null;
  const purl = tryParsePurl(uri);
  const git = onForge(gitSource(uri) ?? (purl === null ? null : purlSource(purl)), server);
  const isGit = git !== null || named.some((name) => isCommitName(name, dependency.digest));
  const commit = commitIn(dependency.digest, isGit) ?? git?.commit ?? null;
  if (commit !== null) {
    const place = git ?? (uri !== null && /^https?:\/\/\S+$/.test(uri) ? splitSource(uri) : null);
    changes.link('BUILT_FROM', build, recordCommit(changes, commit, onForge(place, server)));
    return;
  }
  const artifact = recordArtifact(changes, digestKeys(dependency.digest), false, {
    name: dependency.name ?? uri,
    mediaType: dependency.mediaType,
    purl,
  });
  const used =
    artifact ??
    (uri === null
      ? null
      : recordReference(changes, uri, git !== null && purl === null ? git : null));
  if (used !== null) changes.link('USED', build, used);
}

/** A commit where the document found it: its repository, and the branch or tag that pointed at it. */
export function recordCommit(
  changes: DocumentChanges,
  commit: string,
  place: GitSource | null,
): NodeRef {
  const ref = changes.refer('Commit', commit);
  if (place === null) return ref;
  const { repository, spelling } = place;
  const link = repository === spelling ? null : { url: spelling };
  changes.link('IN_REPOSITORY', ref, changes.refer('Repository', repository, { link }));
  if (place.ref !== null) {
    changes.link('RESOLVED_TO', changes.refer('Resource', `${place.repository}@${place.ref}`), ref);
  }
  return ref;
}

/** A thing without digest. */
function recordReference(
  changes: DocumentChanges,
  uri: string,
  git: GitSource | null,
): NodeRef | null {
  if (git !== null) {
    return changes.refer(
      'Resource',
      git.ref === null ? git.repository : `${git.repository}@${git.ref}`,
    );
  }
  const purl = tryParsePurl(uri);
  if (purl !== null) {
    const version = recordPackageVersion(changes, purl, false);
    if (version !== null) return version;
  }
  const ref = tryThingRef(uri);
  if (ref !== null) return changes.refer(ref.label, ref.key);
  const problem = identifierProblem(uri);
  if (problem !== null) changes.leaveOut('The dependency', uri, problem);
  return null;
}
