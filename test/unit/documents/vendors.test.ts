import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { VENDORS } from '../../../src/documents/formats/intoto/vendors.ts';
import { fixture, edgesOf, keysOf, parse, provenanceV02, provenanceV1 } from './reading.ts';

const commit = 'c'.repeat(40);
const uid = '1aa04ff2-9c2a-47f5-9c75-ed43d259649a';
const image = 'd'.repeat(64);

type Row = {
  readonly vendor: string;
  readonly document: unknown;
  readonly build: string | RegExp;
  readonly sources: readonly string[];
};

/** Each row is a real document (fixture), or has the shape that the named documentation or script gives. */
const ROWS: readonly Row[] = [
  {
    vendor: 'BuildKit in a CI job',
    document: fixture('intoto/buildkit-on-github-v0.2.json'),
    build: /^https:\/\/github\.com\/[^/]+\/[^/]+\/actions\/runs\/\d+\/attempts\/1$/,
    sources: ['Commit 63d4b1ff9c0e93006cf1768314cf1d0675a33b88'],
  },
  {
    // docker buildx build --attest type=provenance,builder-id=$CI_JOB_URL
    vendor: 'BuildKit in a CI job',
    document: provenanceV02({
      builder: { id: 'https://gitlab.corp.example/Team/App/-/jobs/881' },
      buildType: 'https://mobyproject.org/buildkit@v1',
      metadata: { buildInvocationID: 'ijumbffj5sylobqqnq409qagq' },
    }),
    build: 'https://gitlab.corp.example/team/app/-/jobs/881',
    sources: [],
  },
  {
    // actions/attest-build-provenance on GitHub Enterprise: the names have no case there either
    vendor: 'A run by its page',
    document: provenanceV1(
      {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: 'refs/heads/main',
            repository: 'https://code.corp.example/Team/Shop',
            path: '.github/workflows/release.yml',
          },
        },
        resolvedDependencies: [
          {
            uri: 'git+https://code.corp.example/Team/Shop@refs/heads/main',
            digest: { gitCommit: commit },
          },
        ],
      },
      {
        builder: {
          id: 'https://code.corp.example/Team/Shop/.github/workflows/release.yml@refs/heads/main',
        },
        metadata: {
          invocationId: 'https://code.corp.example/Team/Shop/actions/runs/42/attempts/1',
        },
      },
    ),
    build: 'https://code.corp.example/team/shop/actions/runs/42/attempts/1',
    sources: [`Commit ${commit}`, 'Repository https://code.corp.example/team/shop'],
  },
  {
    // Red Hat Trusted Application Pipeline, att-predicate-github.sh: the scheme is there twice
    vendor: 'A run by its page',
    document: provenanceV1(
      {
        buildType: 'https://redhat.com/rhtap/slsa-build-types/github-build/v1',
        resolvedDependencies: [
          { uri: 'git+https://https://github.com/Acme/app.git', digest: { gitCommit: commit } },
        ],
      },
      {
        builder: {
          id: 'https://https://github.com/Acme/app/.github/workflows/b.yml@refs/heads/main',
        },
        metadata: {
          invocationId: 'https://https://github.com/Acme/app/actions/runs/42/attempts/3',
        },
      },
    ),
    build: 'https://github.com/acme/app/actions/runs/42/attempts/3',
    sources: [`Commit ${commit}`, 'Repository https://github.com/acme/app'],
  },
  {
    vendor: 'GitHub Actions, by number',
    document: fixture('intoto/github-go-v0.2.intoto.jsonl'),
    build: 'https://github.com/slsa-framework/example-package/actions/runs/8373486918/attempts/1',
    sources: ['Repository https://github.com/slsa-framework/example-package'],
  },
  {
    // the generators on a server of one's own: told by the workflow that built it
    vendor: 'GitHub Actions, by number',
    document: provenanceV02({
      builder: {
        id: 'https://code.corp.example/slsa/slsa-github-generator/.github/workflows/generic.yml@refs/tags/v2',
      },
      buildType: 'https://github.com/slsa-framework/slsa-github-generator/generic@v1',
      invocation: {
        configSource: {
          uri: 'git+https://code.corp.example/Team/Shop@refs/heads/main',
          digest: { sha1: commit },
        },
      },
      metadata: { buildInvocationID: '42-2' },
    }),
    build: 'https://code.corp.example/team/shop/actions/runs/42/attempts/2',
    sources: [`Commit ${commit}`, 'Repository https://code.corp.example/team/shop'],
  },
  {
    // GitLab runner 16, docs.gitlab.com/ci/runners/configure_runners (artifact provenance)
    vendor: 'GitLab CI',
    document: provenanceV1(
      {
        buildType: 'https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v16.7.0/PROVENANCE.md',
        externalParameters: { source: 'https://git.corp.example/Team/Shop', entryPoint: 'build' },
        resolvedDependencies: [
          { uri: 'https://git.corp.example/Team/Shop', digest: { sha256: commit } },
        ],
      },
      {
        builder: { id: 'https://git.corp.example/Team/Shop/-/runners/3' },
        metadata: { invocationID: '881' },
      },
    ),
    build: 'https://git.corp.example/team/shop/-/jobs/881',
    sources: [`Commit ${commit}`, 'Repository https://git.corp.example/team/shop'],
  },
  {
    // docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1: the variables of the job
    vendor: 'GitLab CI',
    document: provenanceV1({
      buildType: 'https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1',
      externalParameters: { variables: { CI_JOB_URL: 'https://gitlab.com/Acme/app/-/jobs/5' } },
    }),
    build: 'https://gitlab.com/acme/app/-/jobs/5',
    sources: [],
  },
  {
    vendor: 'Google Cloud Build',
    document: fixture('intoto/cloud-build-v0.1.json'),
    build:
      'https://cloudbuild.googleapis.com/v1/projects/171719165453/locations/us-central1/builds/565456b1-0394-4c71-8c18-79f9057483df',
    sources: [],
  },
  {
    // v0.1 of a trigger without materials: the commit is among the substitutions alone
    vendor: 'Google Cloud Build',
    document: {
      ...provenanceV02({
        builder: { id: 'https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3' },
        metadata: { buildInvocationId: uid },
        recipe: {
          type: 'https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1',
          arguments: {
            name: `projects/7/locations/us-west2/builds/${uid}`,
            sourceProvenance: {
              resolvedRepoSource: { projectId: 'p', repoName: 'app', commitSha: commit },
            },
          },
        },
      }),
      predicateType: 'https://slsa.dev/provenance/v0.1',
    },
    build: `https://cloudbuild.googleapis.com/v1/projects/7/locations/us-west2/builds/${uid}`,
    sources: [`Commit ${commit}`, 'Repository https://source.developers.google.com/p/p/r/app'],
  },
  {
    // att-predicate-jenkins.sh: BUILD_TAG is the invocation, NODE_NAME the builder
    vendor: 'Jenkins',
    document: provenanceV1(
      {
        buildType: 'https://redhat.com/rhtap/slsa-build-types/jenkins-build/v1',
        internalParameters: { jenkins: { build_url: 'https://jenkins.corp.example/job/shop/12/' } },
        resolvedDependencies: [
          { uri: 'git+https://github.com/acme/shop', digest: { gitCommit: commit } },
        ],
      },
      { builder: { id: 'built-in' }, metadata: { invocationID: 'jenkins-shop-12' } },
    ),
    build: 'https://jenkins.corp.example/job/shop/12',
    sources: [`Commit ${commit}`, 'Repository https://github.com/acme/shop'],
  },
  {
    // the same script, some months before
    vendor: 'Jenkins',
    document: provenanceV1(
      { buildType: 'https://redhat.com/rhtap/slsa-build-types/jenkins-build/v1' },
      {
        builder: {
          id: 'built-in',
          version: { buildNumber: '12', buildUrl: 'http://jenkins.corp.example:8080/job/shop/12/' },
        },
        metadata: { invocationID: 'jenkins-shop-12' },
      },
    ),
    build: 'http://jenkins.corp.example:8080/job/shop/12',
    sources: [],
  },
  {
    // att-predicate-azure.sh: BUILD_BUILDURI has no host, AGENT_ID is a number
    vendor: 'Azure Pipelines',
    document: provenanceV1(
      {
        buildType: 'https://redhat.com/rhtap/slsa-build-types/azure-build/v1',
        resolvedDependencies: [
          {
            uri: 'git+https://acme@dev.azure.com/acme/Shop/_git/web',
            digest: { gitCommit: commit },
          },
        ],
      },
      { builder: { id: '12' }, metadata: { invocationId: 'vstfs:///Build/Build/1234' } },
    ),
    build: 'https://dev.azure.com/acme/shop/_build/results?buildId=1234',
    sources: [`Commit ${commit}`, 'Repository https://dev.azure.com/acme/shop/_git/web'],
  },
  {
    // Chains slsa/v1 (buildType tekton.dev/v1beta1/TaskRun): the images of the steps are in buildConfig
    vendor: 'Tekton Chains',
    document: provenanceV02({
      builder: { id: 'https://tekton.dev/chains/v2' },
      buildType: 'tekton.dev/v1beta1/TaskRun',
      invocation: {
        parameters: {
          'CHAINS-GIT_URL': 'https://git.example/team/app',
          'CHAINS-GIT_COMMIT': commit,
        },
      },
      buildConfig: {
        steps: [
          { environment: { image: `docker-pullable://gcr.io/kaniko/executor:v1@sha256:${image}` } },
          { environment: { image: 'docker.io/library/bash:5' } },
        ],
      },
    }),
    build: /^sha256:[0-9a-f]{64}$/,
    sources: [
      `Artifact sha256:${image}`,
      `Commit ${commit}`,
      'Repository https://git.example/team/app',
    ],
  },
  {
    // Chains slsa/v2alpha4: the UID of the run
    vendor: 'Tekton Chains',
    document: provenanceV1(
      { buildType: 'https://tekton.dev/chains/v2/slsa-tekton' },
      { builder: { id: 'https://tekton.dev/chains/v2' }, metadata: { invocationId: uid } },
    ),
    build: `https://tekton.dev/chains/v2#${uid}`,
    sources: [],
  },
  {
    vendor: 'Any other builder',
    document: fixture('intoto/oss-rebuild-v1.json'),
    build: /^https:\/\/docs\.oss-rebuild\.dev\/hosts\/Google#[0-9a-f-]{36}$/,
    sources: [],
  },
  {
    vendor: 'GitHub Actions, by variables',
    document: provenanceV02({
      invocation: {
        environment: {
          GITHUB_SERVER_URL: 'https://code.corp.example',
          GITHUB_REPOSITORY: 'Team/Shop',
          GITHUB_RUN_ID: '42',
          GITHUB_RUN_ATTEMPT: '2',
        },
      },
    }),
    build: 'https://code.corp.example/team/shop/actions/runs/42/attempts/2',
    sources: [],
  },
  {
    vendor: 'BuildKit without a builder',
    document: provenanceV02({
      builder: { id: '' },
      buildType: 'https://mobyproject.org/buildkit@v1',
      metadata: {
        buildInvocationID: 'jckf4dzdrb4i99ygsshezjtsq',
        'https://mobyproject.org/buildkit@v1#metadata': {
          vcs: { source: 'git@github.com:Acme/api.git', revision: commit },
        },
      },
    }),
    build: 'https://mobyproject.org/buildkit#jckf4dzdrb4i99ygsshezjtsq',
    sources: [`Commit ${commit}`, 'Repository https://github.com/acme/api'],
  },
];

describe('the table of vendors', () => {
  test.each(ROWS.map((row, index) => [`${index + 1}. ${row.vendor}`, row] as const))(
    '%s',
    (_name, { document, build, sources }) => {
      const { changes } = parse(document);
      const [found = ''] = keysOf(changes, 'Build');
      expect(found).toMatch(build);
      if (typeof build === 'string') expect(found).toBe(build);
      const went = edgesOf(changes, 'BUILT_FROM', 'USED', 'IN_REPOSITORY').map((edge) =>
        edge.replace(/^.*-> /, ''),
      );
      expect(went).toEqual(expect.arrayContaining([...sources]));
    },
  );

  test('has a document for every row', () => {
    expect([...new Set(ROWS.map(({ vendor }) => vendor))].sort()).toEqual(
      VENDORS.map(({ name }) => name).sort(),
    );
  });

  test('is what docs/events.md shows', () => {
    const docs = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
    const cells = (line: string) =>
      line
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1, -1);
    const shown = docs
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map(cells);
    for (const { name, producers, identifies, sources, see } of VENDORS) {
      expect(shown).toContainEqual([`[${name}](${see})`, producers, identifies, sources]);
    }
  });
});

describe('what does not identify a build joins nothing', () => {
  test.each([
    ['a number of Jenkins on a node that every server has', 'built-in', 'jenkins-shop-12'],
    ['a build of Azure without organization', '12', 'vstfs:///Build/Build/7'],
    ['a name of a node', 'agent', '7'],
  ])('%s', (_what, builder, invocationId) => {
    const of = (uri: string) =>
      keysOf(
        parse(
          provenanceV1(
            { resolvedDependencies: [{ uri, digest: { gitCommit: commit } }] },
            { builder: { id: builder }, metadata: { invocationId } },
          ),
        ).changes,
        'Build',
      );
    expect(of('git+https://github.com/one/app')).not.toEqual(of('git+https://github.com/two/app'));
  });

  test('a UUID is one for all the world', () => {
    const [build] = keysOf(
      parse(provenanceV1({}, { metadata: { invocationId: uid.toUpperCase() } })).changes,
      'Build',
    );
    expect(build).toBe(`urn:uuid:${uid}`);
  });
});
