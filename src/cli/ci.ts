/** The run of a CI that this is called in, as fields of the inputs of `record`. */
export type CiRun = {
  readonly vendor: string;
  readonly build: string;
  readonly name: string | null;
  readonly repository: string | null;
  readonly commit: string | null;
  readonly trigger: string | null;
};

type Env = Readonly<Record<string, string | undefined>>;
type Vendor = {
  readonly vendor: string;
  /** Whether this is it. */
  readonly is: (env: Env) => boolean;
  /** Page of the run, by which webhooks and provenance name it as well; a run again has another one, or another attempt in it. */
  readonly build: (env: Env) => string | null;
  /** Variables, the first that is set counts. */
  readonly name: readonly string[];
  readonly repository: (env: Env) => string | null;
  readonly commit: string;
  readonly trigger: readonly string[];
};

const given = (env: Env, ...names: readonly string[]): string | null =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '') ?? null;

/** Joins what is set; null where a part is missing. */
const joined = (...parts: readonly (string | null)[]): string | null =>
  parts.includes(null) ? null : parts.join('');

/** By the variables that each documents. */
export const CI_VENDORS: readonly Vendor[] = [
  {
    vendor: 'GitHub Actions', // docs.github.com/actions/reference/workflows-and-actions/variables
    is: (env) => env['GITHUB_ACTIONS'] === 'true',
    build: (env) =>
      joined(
        given(env, 'GITHUB_SERVER_URL'),
        '/',
        given(env, 'GITHUB_REPOSITORY'),
        '/actions/runs/',
        given(env, 'GITHUB_RUN_ID'),
        '/attempts/',
        given(env, 'GITHUB_RUN_ATTEMPT') ?? '1',
      ),
    name: ['GITHUB_WORKFLOW'],
    repository: (env) =>
      joined(given(env, 'GITHUB_SERVER_URL'), '/', given(env, 'GITHUB_REPOSITORY')),
    commit: 'GITHUB_SHA',
    trigger: ['GITHUB_EVENT_NAME'],
  },
  {
    vendor: 'GitLab CI', // docs.gitlab.com/ci/variables/predefined_variables; a retried job has a new id
    is: (env) => env['GITLAB_CI'] === 'true',
    build: (env) => given(env, 'CI_JOB_URL'),
    name: ['CI_JOB_NAME'],
    repository: (env) => given(env, 'CI_PROJECT_URL'),
    commit: 'CI_COMMIT_SHA',
    trigger: ['CI_PIPELINE_SOURCE'],
  },
  {
    vendor: 'CircleCI', // circleci.com/docs/variables; a run again has a new job number
    is: (env) => env['CIRCLECI'] === 'true',
    build: (env) => given(env, 'CIRCLE_BUILD_URL'),
    name: ['CIRCLE_JOB'],
    repository: (env) => given(env, 'CIRCLE_REPOSITORY_URL'),
    commit: 'CIRCLE_SHA1',
    trigger: [],
  },
  {
    vendor: 'Buildkite', // buildkite.com/docs/pipelines/configure/environment-variables
    is: (env) => env['BUILDKITE'] === 'true',
    build: (env) => given(env, 'BUILDKITE_BUILD_URL'),
    name: ['BUILDKITE_PIPELINE_SLUG'],
    repository: (env) => given(env, 'BUILDKITE_REPO'),
    commit: 'BUILDKITE_COMMIT',
    trigger: ['BUILDKITE_SOURCE'],
  },
  {
    vendor: 'Azure Pipelines', // learn.microsoft.com/azure/devops/pipelines/build/variables
    is: (env) => env['TF_BUILD']?.toLowerCase() === 'true',
    build: (env) =>
      joined(
        given(env, 'SYSTEM_COLLECTIONURI', 'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'),
        encodeURIComponent(given(env, 'SYSTEM_TEAMPROJECT') ?? ''),
        '/_build/results?buildId=',
        given(env, 'BUILD_BUILDID'),
      ),
    name: ['BUILD_DEFINITIONNAME'],
    repository: (env) => given(env, 'BUILD_REPOSITORY_URI'),
    commit: 'BUILD_SOURCEVERSION',
    trigger: ['BUILD_REASON'],
  },
  {
    vendor: 'Jenkins', // jenkins.io/doc/book/pipeline/jenkinsfile; GIT_… are of its git plugin. Last: agents of others may have JENKINS_URL
    is: (env) => given(env, 'JENKINS_URL') !== null,
    build: (env) => given(env, 'BUILD_URL'),
    name: ['JOB_NAME'],
    repository: (env) => given(env, 'GIT_URL', 'GIT_URL_1'),
    commit: 'GIT_COMMIT',
    trigger: [],
  },
];

/** The run that the environment tells of; null outside of the CIs that are known, and where it does not say which run it is. */
export function ciRunOf(env: Env): CiRun | null {
  const found = CI_VENDORS.find(({ is }) => is(env));
  const build = found?.build(env) ?? null;
  if (found === undefined || build === null) return null;
  const commit = given(env, found.commit);
  return {
    vendor: found.vendor,
    build,
    name: given(env, ...found.name),
    repository: found.repository(env),
    commit: commit !== null && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(commit) ? commit : null, // Buildkite may say HEAD
    trigger: given(env, ...found.trigger),
  };
}
