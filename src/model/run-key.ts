import { lowerCaseHost } from './uri.ts';
import { repositoryKey } from './repository-key.ts';

/** What the groups of a pattern matched; those that the pattern leaves out are missing. */
type Groups = readonly string[] & { readonly 0: string; readonly 1: string; readonly 2: string };

/**
 * The pages that one run of a CI system has. Each row gives the canonical URI, at which all sources of facts about the run meet: the
 * webhook, the CI event, the provenance. A row matches by the shape of the path, so that a server of one's own is like the public one.
 */
export type RunPage = {
  readonly vendor: string;
  /** What one page is about: runs, jobs and stages are builds of their own. */
  readonly unit: string;
  /** A text that every such address has, to tell the others apart at once. */
  readonly mark: string;
  /** Host and path; a query is matched only where it holds the run's number. */
  readonly pattern: RegExp;
  /** The canonical URI, of the groups of the pattern. */
  readonly key: (groups: Groups, scheme: string) => string;
  /** An address of the vendor's, and the same in another of its spellings. */
  readonly example: string;
  readonly alsoAs: string;
};

export const RUN_PAGES: readonly RunPage[] = [
  {
    vendor: 'GitHub, Gitea and Forgejo Actions',
    unit: 'attempt of a run',
    mark: '/actions/runs/',
    pattern:
      /^([^/]+\/(?:[^/]+\/)*?)(?:(?:api\/v\d+\/)?repos\/)?([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/attempts\/(\d+))?$/i,
    key: ([server, name, run, attempt = '1']) =>
      githubRunKey(`https://${server}${name}`, run, attempt),
    example: 'https://github.com/acme/app/actions/runs/77/attempts/2',
    alsoAs: 'https://api.github.com/repos/Acme/App/actions/runs/77/attempts/2',
  },
  {
    vendor: 'GitLab CI',
    unit: 'job',
    mark: '/-/',
    pattern: /^([^/]+\/.+?)\/-\/(?:jobs|builds)\/(\d+)(?:\/(?:raw|trace|artifacts(?:\/.*)?))?$/i,
    key: ([project, job]) => gitlabKey(project, 'jobs', job),
    example: 'https://git.example.org/acme/app/-/jobs/5',
    alsoAs: 'http://git.example.org/Acme/App/-/jobs/5',
  },
  {
    vendor: 'GitLab CI',
    unit: 'job or pipeline',
    mark: '/api/v4/projects/',
    pattern: /^([^/]+(?:\/[^/]+)*?\/api\/v4\/projects\/[^/]+)\/(jobs|pipelines)\/(\d+)$/i,
    key: ([project, unit, id]) => gitlabKey(project, unit, id),
    example: 'https://git.example.org/acme/app/-/jobs/5',
    alsoAs: 'https://git.example.org/api/v4/projects/Acme%2FApp/jobs/5',
  },
  {
    vendor: 'GitLab CI',
    unit: 'pipeline',
    mark: '/pipelines/',
    // without `/-/` before GitLab 13
    pattern:
      /^([^/]+\/.+?(?=\/-\/)|[^/]*gitlab[^/]*\/.+?)\/(?:-\/)?pipelines\/(\d+)(?:\/(?:builds|failures|dag|needs|test_report|security|licenses|codequality_report))?$/i,
    key: ([project, pipeline]) => gitlabKey(project, 'pipelines', pipeline),
    example: 'https://gitlab.example.org/acme/app/-/pipelines/9',
    alsoAs: 'https://gitlab.example.org/Acme/App/pipelines/9',
  },
  {
    vendor: 'Azure Pipelines',
    unit: 'build',
    mark: '_build',
    pattern:
      /^([^/]+(?:\/[^/]+)*?)\/(?:_build\/(?:results|index)|_build)\/?\?(?:.*&)?buildId=(\d+)(?:&.*)?$/i,
    key: azureKey,
    example: 'https://dev.azure.com/acme/shop/_build/results?buildId=12',
    alsoAs: 'https://acme.visualstudio.com/shop/_build/results?buildId=12&view=logs',
  },
  {
    vendor: 'Azure Pipelines',
    unit: 'build',
    mark: '/_apis/build/',
    pattern: /^([^/]+(?:\/[^/]+)*?)\/_apis\/build\/builds\/(\d+)$/i,
    key: azureKey,
    example: 'https://dev.azure.com/acme/shop/_build/results?buildId=12',
    alsoAs: 'https://dev.azure.com/Acme/shop/_apis/build/Builds/12',
  },
  {
    vendor: 'CircleCI',
    unit: 'job',
    mark: 'circleci.com/',
    pattern:
      /^(?:app\.)?circleci\.com\/(?:pipelines|jobs)?\/?(gh|github|bb|bitbucket|circleci)\/([^/]+\/[^/]+)\/(?:\d+\/workflows\/[\w-]+\/jobs\/)?(\d+)(?:\/(?:steps|tests|artifacts|timing|resources|parallel-runs)(?:\/.*)?)?$/i,
    key: ([vcs, project, job]) =>
      `https://circleci.com/${CIRCLE_VCS[vcs.toLowerCase()] ?? vcs.toLowerCase()}/${project.toLowerCase()}/${job}`,
    example: 'https://circleci.com/gh/acme/app/34',
    alsoAs:
      'https://app.circleci.com/pipelines/github/acme/app/12/workflows/6e6a5bd0-1b0c-4d0f-9c0e-2f7d2c1f5a11/jobs/34',
  },
  {
    vendor: 'Buildkite',
    unit: 'build',
    mark: 'buildkite.com/',
    pattern:
      /^buildkite\.com\/([^/]+\/[^/]+)\/builds\/(\d+)(?:\/(?:steps|canvas|waterfall|annotations|artifacts|table|list)(?:\/.*)?)?$/i,
    key: ([pipeline, build]) => `https://buildkite.com/${pipeline.toLowerCase()}/builds/${build}`,
    example: 'https://buildkite.com/acme/app/builds/12',
    alsoAs: 'https://buildkite.com/Acme/app/builds/12#0192f4a5-7c1d-4d6e-9c52-3b7d1c0f9a11',
  },
  {
    vendor: 'Buildkite',
    unit: 'build',
    mark: 'api.buildkite.com/',
    pattern:
      /^api\.buildkite\.com\/v2\/organizations\/([^/]+)\/pipelines\/([^/]+)\/builds\/(\d+)$/i,
    key: ([organization, pipeline, build]) =>
      `https://buildkite.com/${organization}/${pipeline}/builds/${build}`.toLowerCase(),
    example: 'https://buildkite.com/acme/app/builds/12',
    alsoAs: 'https://api.buildkite.com/v2/organizations/acme/pipelines/app/builds/12',
  },
  {
    vendor: 'Jenkins',
    unit: 'run',
    mark: '/job/',
    pattern:
      /^([^/]+(?:\/[^/]+)*?(?:(?:\/view\/[^/]+)*\/job\/[^/]+)+\/\d+)(?:\/(?:display\/redirect|console|consoleText|consoleFull|changes|pipeline-graph|pipeline-overview|pipeline-console|stages|testReport|api\/json|artifact\/.*))?$/,
    // a view is a way to look at jobs, and no part of their names
    key: ([page], scheme) =>
      lowerCaseHost(`${scheme}://${page.replace(/\/view\/[^/]+(?=\/(?:view|job)\/)/g, '')}`),
    example: 'https://jenkins.example/job/team/job/app/12',
    alsoAs: 'https://Jenkins.example/job/team/job/app/12/display/redirect?page=artifacts',
  },
  {
    vendor: 'Jenkins',
    unit: 'run',
    mark: '/blue/organizations/',
    pattern:
      /^([^/]+(?:\/[^/]+)*?)\/blue\/organizations\/[^/]+\/([^/]+)\/detail\/([^/]+)\/(\d+)(?:\/.*)?$/,
    key: blueOceanKey,
    example: 'https://jenkins.example/job/team/job/app/job/main/12',
    alsoAs: 'https://jenkins.example/blue/organizations/jenkins/team%2Fapp/detail/main/12/pipeline',
  },
  {
    vendor: 'Google Cloud Build',
    unit: 'build',
    mark: 'projects/',
    pattern:
      /^(?:cloudbuild\.googleapis\.com\/(?:v1\/)?)?projects\/([^/]+)(?:\/locations\/([^/]+))?\/builds\/([0-9a-f-]{36})$/,
    key: ([project, location, build]) => cloudBuildKey(project, location, build),
    example:
      'https://cloudbuild.googleapis.com/v1/projects/12/locations/global/builds/565456b1-0394-4c71-8c18-79f9057483df',
    alsoAs: '//cloudbuild.googleapis.com/projects/12/builds/565456b1-0394-4c71-8c18-79f9057483df',
  },
  {
    vendor: 'Google Cloud Build',
    unit: 'build',
    mark: 'console.cloud.google.com/',
    pattern:
      /^console\.cloud\.google\.com\/cloud-build\/builds(?:;region=([^/?]+))?\/([0-9a-f-]{36})(?:;[^?]*)?\?(?:.*&)?project=([^&]+)/,
    key: ([location, build, project]) => cloudBuildKey(project, location, build),
    example:
      'https://cloudbuild.googleapis.com/v1/projects/12/locations/us-central1/builds/565456b1-0394-4c71-8c18-79f9057483df',
    alsoAs:
      'https://console.cloud.google.com/cloud-build/builds;region=us-central1/565456b1-0394-4c71-8c18-79f9057483df?project=12',
  },
  {
    vendor: 'Bitbucket Pipelines',
    unit: 'pipeline',
    mark: 'bitbucket.org/',
    pattern:
      /^(?:www\.)?bitbucket\.org\/([^/]+\/[^/]+)\/(?:pipelines\/results|addon\/pipelines\/home#!\/results)\/(\d+)(?:\/steps\/.*)?$/i,
    key: ([repository, pipeline]) =>
      `https://bitbucket.org/${repository.toLowerCase()}/pipelines/results/${pipeline}`,
    example: 'https://bitbucket.org/acme/app/pipelines/results/8',
    alsoAs: 'https://bitbucket.org/Acme/app/addon/pipelines/home#!/results/8',
  },
  {
    vendor: 'Woodpecker',
    unit: 'pipeline',
    mark: '/pipeline/',
    pattern: /^([^/]+(?:\/[^/]+)*?\/repos\/\d+\/pipeline\/\d+)(?:\/\d+)?$/,
    key: ([page], scheme) => lowerCaseHost(`${scheme}://${page}`),
    example: 'https://ci.example/repos/12/pipeline/5',
    alsoAs: 'https://CI.example/repos/12/pipeline/5/3',
  },
  {
    vendor: 'Argo Workflows',
    unit: 'workflow',
    mark: '/workflows/',
    pattern: /^([^/]+(?:\/[^/]+)*?\/workflows\/[^/]+\/[^/?]+)\?(?:.*&)?tab=workflow(?:&.*)?$/,
    key: ([page], scheme) => lowerCaseHost(`${scheme}://${page}`),
    example: 'https://argo.example/workflows/ci/build-x7k2p',
    alsoAs: 'https://argo.example/workflows/ci/build-x7k2p?tab=workflow&nodeId=build-x7k2p-1',
  },
];

/** Names of CircleCI for what hosts the project. */
const CIRCLE_VCS: Readonly<Record<string, string>> = { github: 'gh', bitbucket: 'bb' };

/**
 * The canonical URI of the run whose page, or whose address in the API, a text is; null where it is neither.
 */
export function runPageKey(text: string): string | null {
  const lower = text.toLowerCase();
  const rows = RUN_PAGES.filter(({ mark }) => lower.includes(mark));
  if (rows.length === 0) return null;
  const parts = /^(?:(https?):)?(?:\/\/)?(?:[^/?#@]*@)?(.+)$/i.exec(text);
  const [, scheme = 'https', whole = ''] = parts ?? [];
  const page = whole.replace(/#.*$/, '');
  for (const address of new Set([whole, page, withoutQuery(page)])) {
    for (const { pattern, key } of rows) {
      const found = pattern.exec(address);
      if (found !== null) return key(found.slice(1) as unknown as Groups, scheme.toLowerCase());
    }
  }
  return null;
}

function withoutQuery(page: string): string {
  return page.replace(/\?.*$/, '').replace(/\/+$/, '');
}

/**
 * The run page of a GitHub Actions run attempt, on github.com or any other server: the canonical key that every source of
 * facts about the run meets at. In lower case, because a server that has such a page has names without case.
 */
export function githubRunKey(
  repository: string,
  run: string | number,
  attempt: string | number,
): string {
  return `${repositoryKey(repository, true)}/actions/runs/${run}/attempts/${attempt}`;
}

/** The page of a GitLab job or pipeline. A project that is known by its number alone has none: the address in the API is the key. */
export function gitlabKey(project: string, unit: string, id: string | number): string {
  const address = /^https?:/i.test(project) ? project : `https://${project}`;
  const page = repositoryKey(address, true);
  const isNumber = /\/api\/v4\/projects\/\d+$/.test(page);
  return `${page}/${isNumber ? '' : '-/'}${unit.toLowerCase()}/${id}`;
}

/** The server (scheme and host) of a build whose key is a run page of a forge, whose names have no case; null for other builds. */
export function forgeOf(build: string): string | null {
  return (
    /^(https?:\/\/[^/]+)\/.*\/(?:actions\/runs\/\d+\/attempts|-\/(?:jobs|pipelines))\/\d+$/.exec(
      build,
    )?.[1] ?? null
  );
}

function azureKey([project, build]: Groups): string {
  return `${repositoryKey(`https://${project}`, true)}/_build/results?buildId=${build}`;
}

/** A branch of a pipeline is a job in it; a pipeline without branches stands in the place of its branch. */
function blueOceanKey([server, pipeline, branch, run]: Groups, scheme: string): string {
  const names = decode(pipeline).split('/');
  const jobs = names.at(-1) === decode(branch) ? names : [...names, branch];
  const path = jobs.map((name) => `/job/${encodeURIComponent(name)}`).join('');
  return lowerCaseHost(`${scheme}://${server}${path}/${run ?? ''}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cloudBuildKey(project: string, location: string | undefined, build: string): string {
  return `https://cloudbuild.googleapis.com/v1/projects/${project}/locations/${location ?? 'global'}/builds/${build}`;
}
