import { githubRunKey, gitlabKey, runPageKey } from '../../../model/run-key.ts';
import { withOneScheme } from '../../../model/uri.ts';
import { asObject, asText } from '../../json.ts';
import { gitSource, splitSource } from './git.ts';
import type { Provenance } from './provenance.ts';
import type { Descriptor } from './statement.ts';
import { buildkitSource, cloudBuildSource, tektonSources } from './vendor-sources.ts';

/**
 * How each vendor names a build in its provenance, and its sources beyond what SLSA has a place for. The one table of it; the first
 * row that gives a key counts. docs/events.md shows it.
 */
export type Vendor = {
  readonly name: string;
  /** Who writes such provenance. */
  readonly producers: string;
  /** What identifies the build, for people. */
  readonly identifies: string;
  /** Where the sources are, for people. */
  readonly sources: string;
  /** What the row rests on. */
  readonly see: string;
  /** Key of the Build; null where the row does not apply. */
  readonly key: (provenance: Provenance) => string | null;
  /** True where the provenance is about one step of that build: its times and parameters are not the build's. */
  readonly isStep?: true;
  /** Sources that are not among the materials. */
  readonly moreSources?: (provenance: Provenance) => readonly Descriptor[];
};

const MATERIALS = 'materials, `configSource`, `resolvedDependencies`';

export const VENDORS: readonly Vendor[] = [
  {
    name: 'BuildKit in a CI job',
    producers: 'docker/build-push-action, buildx with `builder-id=<run URL>`',
    identifies: '`builder.id`, where it is the page of a run',
    sources: 'materials; `vcs:source` and `vcs:revision` of a local context',
    see: 'https://docs.docker.com/build/metadata/attestations/slsa-provenance/',
    key: ({ builderId }) => runPage(builderId),
    isStep: true,
    moreSources: buildkitSource,
  },
  {
    name: 'A run by its page',
    producers:
      'actions/attest (attest-build-provenance, Homebrew, melange and apko in Actions), npm, GitLab jobs, Cloud Build v1, Azure Pipelines, CircleCI, Buildkite, Jenkins, Argo Workflows',
    identifies: '`invocationId`, where it is the page of a run',
    sources: MATERIALS,
    see: 'https://actions.github.io/buildtypes/workflow/v1',
    key: ({ invocationId }) => runPage(invocationId),
  },
  {
    name: 'GitHub Actions, by number',
    producers: 'slsa-github-generator, npm before 2023, on any server',
    identifies: '`<run>-<attempt>` in the repository whose workflow ran',
    sources: MATERIALS,
    see: 'https://github.com/slsa-framework/slsa-github-generator/blob/main/PROVENANCE_FORMAT.md',
    key: githubNumber,
  },
  {
    name: 'GitLab CI',
    producers:
      'GitLab runner (`RUNNER_GENERATE_ARTIFACTS_METADATA`), npm on GitLab, GitLab SLSA v1',
    identifies: 'number of the job in its project, or `CI_JOB_URL`',
    sources: MATERIALS + '; a commit under `sha256` with 40 characters',
    see: 'https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1',
    key: gitlabJob,
  },
  {
    name: 'Google Cloud Build',
    producers: 'Cloud Build v0.1 (`recipe`) and v1',
    identifies: 'resource name of the build',
    sources: 'materials; `resolvedRepoSource`, `COMMIT_SHA` where there are none',
    see: 'https://cloud.google.com/build/docs/securing-builds/view-build-provenance',
    key: cloudBuild,
    moreSources: cloudBuildSource,
  },
  {
    name: 'Jenkins',
    producers: 'Red Hat Trusted Application Pipeline, shared libraries',
    identifies: '`BUILD_URL`; `BUILD_TAG` is unique on one server only and is not taken',
    sources: MATERIALS,
    see: 'https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables',
    key: jenkinsUrl,
  },
  {
    name: 'Azure Pipelines',
    producers: 'Red Hat Trusted Application Pipeline, tasks of one’s own',
    identifies: '`vstfs:///Build/Build/<id>` or a number, in the project of the source',
    sources: MATERIALS,
    see: 'https://learn.microsoft.com/azure/devops/pipelines/build/variables',
    key: azureBuild,
  },
  {
    name: 'Tekton Chains',
    producers: 'Chains `in-toto`, `slsa/v1`, `slsa/v2alpha*`; Konflux',
    identifies: 'UID of the PipelineRun or TaskRun, in its builder',
    sources:
      'every repository among the materials; images of the steps in `buildConfig`; `CHAINS-GIT_COMMIT`',
    see: 'https://github.com/tektoncd/chains/blob/main/docs/slsa-provenance.md',
    key: tektonRun,
    moreSources: tektonSources,
  },
  {
    name: 'Any other builder',
    producers: 'OSS Rebuild, builders of one’s own',
    identifies: '`invocationId`: a URI, or an id within its builder',
    sources: MATERIALS,
    see: 'https://slsa.dev/spec/v1.2/build-provenance',
    key: anyBuilder,
  },
  {
    name: 'GitHub Actions, by variables',
    producers: 'the first npm provenance, forks of the generators',
    identifies: '`GITHUB_RUN_ID`, `GITHUB_RUN_ATTEMPT`, `GITHUB_REPOSITORY`, `GITHUB_SERVER_URL`',
    sources: MATERIALS,
    see: 'https://docs.github.com/actions/reference/variables-reference',
    key: githubVariables,
  },
  {
    name: 'BuildKit without a builder',
    producers: 'buildx on a machine of one’s own',
    identifies: '`buildInvocationID`, random',
    sources: 'materials; `vcs:source` and `vcs:revision` of a local context',
    see: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
    key: buildkitRef,
    moreSources: buildkitSource,
  },
];

function runPage(uri: string | null): string | null {
  return uri === null ? null : runPageKey(withOneScheme(uri));
}

/** `<run id>-<attempt>`, in the repository whose workflow was run. */
function githubNumber(provenance: Provenance): string | null {
  const run = /^(\d{1,20})-(\d{1,9})$/.exec(provenance.invocationId ?? '');
  const repository = run === null ? null : githubRepository(provenance);
  return run === null || repository === null
    ? null
    : githubRunKey(repository, run[1] ?? '', run[2] ?? '');
}

function githubVariables(provenance: Provenance): string | null {
  const run = variable(provenance, 'GITHUB_RUN_ID') ?? '';
  const attempt = variable(provenance, 'GITHUB_RUN_ATTEMPT') ?? '1';
  if (!/^\d{1,20} \d{1,9}$/.test(`${run} ${attempt}`)) return null;
  const repository = githubRepository(provenance);
  return repository === null ? null : githubRunKey(repository, run, attempt);
}

/**
 * The repository whose workflow ran, on any server: as the runner's variables say, else the source. A source counts only where
 * something says GitHub: its host, the workflow that built it, or the variables.
 */
function githubRepository(provenance: Provenance): string | null {
  const { source, builderId, buildType } = provenance;
  const named = /^[\w.-]+\/[\w.-]+$/.exec(variable(provenance, 'GITHUB_REPOSITORY') ?? '')?.[0];
  const server = variable(provenance, 'GITHUB_SERVER_URL');
  if (named !== undefined && server !== null && /^https?:\/\/[^/]+/.test(server)) {
    return `${server.replace(/\/+$/, '')}/${named}`;
  }
  const workflow = /^https?:\/\/([^/]+)\/.*\/\.github\/workflows\//.exec(builderId ?? '')?.[1];
  const isGithub =
    workflow !== undefined ||
    named !== undefined ||
    /github/i.test(`${builderId ?? ''} ${buildType ?? ''}`) ||
    variable(provenance, 'GITHUB_RUN_ID') !== null;
  const found = source === null ? null : (gitSource(source) ?? (isGithub ? page(source) : null));
  if (found !== null) {
    const { repository } = found;
    // a repository that is not a URL stays as it is written
    const isRepository = URL.canParse(repository);
    return isRepository && (isGithub || new URL(repository).host === 'github.com')
      ? repository
      : null;
  }
  return named === undefined ? null : `https://github.com/${named}`;
}

function page(source: string) {
  const found = splitSource(source);
  return found !== null && /^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(found.repository) ? found : null;
}

/** GitLab's runner names the job by number; the project is its source, or the owner of the runner. */
function gitlabJob(provenance: Provenance): string | null {
  const { invocationId, builderId, buildType, source } = provenance;
  const url = variable(provenance, 'CI_JOB_URL');
  const job = runPage(url);
  if (job !== null) return job;
  const runner = /^(https?:\/\/[^/]+\/.+?)\/-\/runners\/\d+$/.exec(builderId ?? '');
  const isGitlab =
    runner !== null || /\/gitlab-runner\/|^https:\/\/docs\.gitlab\.com\//.test(buildType ?? '');
  const number = invocationId ?? variable(provenance, 'CI_JOB_ID');
  if (!isGitlab || number === null || !/^\d{1,20}$/.test(number)) return null;
  const project = (source === null ? null : splitSource(source)?.repository) ?? runner?.[1];
  return project === undefined ? null : gitlabKey(project, 'jobs', number);
}

/** v0.1 has the resource name among the arguments; v1 has the URL as its invocation id. */
function cloudBuild({ builderId, parameters }: Provenance): string | null {
  if (builderId?.startsWith('https://cloudbuild.googleapis.com/') !== true) return null;
  const name = asText(asObject(parameters)['name']);
  return name === null ? null : runPageKey(`https://cloudbuild.googleapis.com/v1/${name}`);
}

/** `build_url` of the internal parameters, or of the builder's version, where older scripts put it. */
function jenkinsUrl({ environment, predicate }: Provenance): string | null {
  const builder = asObject(asObject(predicate['runDetails'])['builder']);
  const url =
    asText(asObject(environment['jenkins'])['build_url']) ??
    asText(asObject(builder['version'])['buildUrl']) ??
    asText(environment['BUILD_URL']);
  return runPage(url);
}

/** A build's number is unique in its organization; the project is known where the source is in Azure Repos. */
function azureBuild({ invocationId, buildType, source, dependencies }: Provenance): string | null {
  const id =
    /^vstfs:\/\/\/Build\/Build\/(\d+)$/i.exec(invocationId ?? '')?.[1] ??
    (/azure/i.test(buildType ?? '') ? /^\d{1,12}$/.exec(invocationId ?? '')?.[0] : undefined);
  if (id === undefined) return null;
  for (const uri of [source, ...dependencies.map((dependency) => dependency.uri)]) {
    const repository = gitSource(uri)?.repository ?? '';
    const project = /^(https:\/\/dev\.azure\.com\/[^/]+\/[^/]+)\/_git\//.exec(repository)?.[1];
    if (project !== undefined) return `${project}/_build/results?buildId=${id}`;
  }
  return null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function tektonRun({ invocationId, builderId, buildType }: Provenance): string | null {
  const isTekton = /\btekton\b/i.test(`${builderId ?? ''} ${buildType ?? ''}`);
  if (!isTekton || invocationId === null || !UUID.test(invocationId)) return null;
  return builderId === null ? null : `${builderId}#${invocationId}`;
}

/** An absolute URI as given, else the id within its builder. */
function anyBuilder({ invocationId, builderId }: Provenance): string | null {
  if (invocationId === null) return null;
  // An address without a host (`vstfs:///Build/Build/7`) is one for every server.
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/\s]\S*$/i.test(invocationId)) return invocationId;
  if (builderId !== null && identifies(builderId)) return `${builderId}#${invocationId}`;
  return UUID.test(invocationId) ? `urn:uuid:${invocationId.toLowerCase()}` : null;
}

/** Whether a builder's id is a name for all the world: a URI, or a host with a path. `built-in`, `master` and `12` are everybody's. */
function identifies(builderId: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:\S+$/i.test(builderId) || /^[\w-]+(?:\.[\w-]+)+(?:\/|$)/.test(builderId)
  );
}

/** Of BuildKit: 25 random characters, so that it is one for all the world without a builder too. */
function buildkitRef({ invocationId, buildType }: Provenance): string | null {
  const isBuildkit = /mobyproject\.org\/buildkit|moby\/buildkit/.test(buildType ?? '');
  return isBuildkit && /^[a-z0-9]{25}$/.test(invocationId ?? '')
    ? `https://mobyproject.org/buildkit#${invocationId ?? ''}`
    : null;
}

/** A variable of the CI system, which producers write in either case, as text, number or `{value}`. */
function variable({ environment, parameters }: Provenance, name: string): string | null {
  const external = asObject(asObject(parameters)['variables']);
  for (const set of [environment, external, asObject(parameters)]) {
    const value = set[name] ?? set[name.toLowerCase()];
    if (typeof value === 'number') return String(value);
    const text = asText(asObject(value)['value'] ?? value);
    if (text !== null) return text;
  }
  return null;
}
