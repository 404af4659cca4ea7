import { asObject, asText, objectsOf } from '../../json.ts';
import type { Provenance } from './provenance.ts';
import { toDescriptor, type Descriptor } from './statement.ts';

/** Sources that vendors name in places of their own; each row of vendors.ts that has one refers to a function here. */

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/**
 * The commit that a local build context was taken from, as buildx tells it to BuildKit: in the metadata (v0.2), in `buildkit_metadata`
 * (v1), or among the arguments of the frontend. Of a working tree with changes (`-dirty`) the commit is not what was built.
 *
 * @see https://docs.docker.com/build/metadata/attestations/slsa-provenance/ (vcs)
 */
export function buildkitSource({ predicate, version, parameters }: Provenance): Descriptor[] {
  const metadata = asObject(predicate['metadata'] ?? asObject(predicate['runDetails'])['metadata']);
  const kept = asObject(
    metadata['https://mobyproject.org/buildkit@v1#metadata'] ?? metadata['buildkit_metadata'],
  );
  const vcs = asObject(kept['vcs']);
  const given = asObject(parameters);
  const args = asObject((version === 'v1' ? asObject(given['request']) : given)['args']);
  return commitAt(
    asText(vcs['source'] ?? args['vcs:source']),
    asText(vcs['revision'] ?? args['vcs:revision']),
  );
}

/**
 * Cloud Build: what it resolved the source to, and for a build of a trigger, whose materials may be missing, its substitutions.
 *
 * @see https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds#sourceprovenance
 */
export function cloudBuildSource(provenance: Provenance): Descriptor[] {
  if (provenance.builderId?.startsWith('https://cloudbuild.googleapis.com/') !== true) return [];
  const given = asObject(provenance.parameters);
  const resolved = asObject(given['sourceProvenance']);
  const git = asObject(resolved['resolvedGitSource'] ?? resolved['resolvedConnectedRepository']);
  const mirror = asObject(resolved['resolvedRepoSource']);
  const [project, name] = [asText(mirror['projectId']), asText(mirror['repoName'])];
  const found = [
    ...commitAt(asText(git['url']), asText(git['revision'])),
    ...commitAt(
      project === null || name === null
        ? null
        : `https://source.developers.google.com/p/${project}/r/${name}`,
      asText(mirror['commitSha']),
    ),
  ];
  if (found.length > 0 || provenance.dependencies.length > 0) return found;
  const substitutions = asObject(
    given['substitutions'] ?? provenance.environment['systemSubstitutions'],
  );
  const config = asObject(given['buildConfigSource']);
  const commit = substitutions['COMMIT_SHA'] ?? substitutions['REVISION_ID'];
  return commitAt(asText(config['repository']), asText(commit));
}

/**
 * Tekton: images that the steps ran in and bundles that the tasks came from (`buildConfig` of the v0.2 formats, which did not list
 * them as materials before Chains 0.15), and the parameters by which a pipeline says what it builds.
 *
 * @see https://github.com/tektoncd/chains/blob/main/docs/slsa-provenance.md (CHAINS-GIT_URL, CHAINS-GIT_COMMIT)
 */
export function tektonSources({ predicate, parameters }: Provenance): Descriptor[] {
  const config = asObject(predicate['buildConfig']);
  const tasks = objectsOf(config['tasks']);
  const images = [config, ...tasks]
    .flatMap((one) => objectsOf(one['steps']))
    .map((step) => asText(asObject(step['environment'])['image']));
  const bundles = tasks.map((task) => asText(asObject(task['ref'])['bundle']));
  const given = asObject(parameters);
  return [
    ...[...images, ...bundles].flatMap(pinnedImage),
    ...commitAt(asText(given['CHAINS-GIT_URL']), asText(given['CHAINS-GIT_COMMIT'])),
  ];
}

/** `docker-pullable://registry/name:tag@sha256:…`; an image without digest is not known to be any. */
function pinnedImage(image: string | null): Descriptor[] {
  const found = /^(?:[a-z-]+:\/\/)?([^\s@]+)@sha256:([0-9a-f]{64})$/i.exec(image ?? '');
  if (found === null) return [];
  return [toDescriptor({ uri: `oci://${found[1] ?? ''}`, digest: { sha256: found[2] } })];
}

function commitAt(repository: string | null, revision: string | null): Descriptor[] {
  if (revision === null || !OBJECT_ID.test(revision)) return [];
  const digest = { gitCommit: revision.toLowerCase() };
  if (repository === null) return [toDescriptor({ digest })];
  const uri = /^https?:/i.test(repository) ? `git+${repository}` : repository;
  return [toDescriptor({ uri, digest })];
}
