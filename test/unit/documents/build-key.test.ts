import { describe, expect, test } from '@jest/globals';
import { fixture, keysOf, parse, provenanceV02, provenanceV1, statement } from './reading.ts';

const run = 'https://github.com/acme/app/actions/runs/77/attempts/2';
const source = { uri: 'git+https://github.com/acme/app@refs/heads/main' };

describe('the Build that a provenance is about', () => {
  const cases: [vendor: string, document: Record<string, unknown>, key: string | RegExp][] = [
    ['GitHub, v1', provenanceV1({}, { metadata: { invocationId: run } }), run],
    [
      'GitHub, v0.2 with <run>-<attempt>',
      provenanceV02({
        invocation: { configSource: source },
        metadata: { buildInvocationID: '77-2' },
      }),
      run,
    ],
    [
      'GitHub, v0.2 with the other spelling',
      provenanceV02({
        invocation: { configSource: source },
        metadata: { buildInvocationId: '77-2' },
      }),
      run,
    ],
    [
      'GitHub, v0.2 with nothing but variables',
      provenanceV02({
        invocation: {
          configSource: source,
          environment: { GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '2' },
        },
      }),
      run,
    ],
    [
      'GitHub, v0.2 of the generators, variables in lower case',
      provenanceV02({
        invocation: {
          configSource: source,
          environment: { github_run_id: '77', github_run_attempt: '2' },
        },
      }),
      run,
    ],
    [
      'GitHub, v1 with nothing but variables',
      provenanceV1({
        internalParameters: {
          GITHUB_RUN_ID: 77,
          GITHUB_RUN_ATTEMPT: '2',
          GITHUB_REPOSITORY: 'acme/app',
        },
      }),
      run,
    ],
    [
      'GitHub, v0.1 with a run without attempt',
      statement({
        predicateType: 'https://slsa.dev/provenance/v0.1',
        predicate: {
          metadata: { buildInvocationId: 'https://github.com/acme/app/actions/runs/77' },
        },
      }),
      'https://github.com/acme/app/actions/runs/77/attempts/1',
    ],
    [
      'BuildKit inside of GitHub Actions',
      provenanceV02({ builder: { id: run }, metadata: { buildInvocationID: 'ijumbffj5sy' } }),
      run,
    ],
    [
      'GitLab runner, v0.2',
      provenanceV02({
        builder: { id: 'https://gitlab.com/acme/app/-/runners/12270837' },
        invocation: { configSource: { uri: 'https://gitlab.com/acme/app' } },
        metadata: { buildInvocationID: '10340684631' },
      }),
      'https://gitlab.com/acme/app/-/jobs/10340684631',
    ],
    [
      'GitLab runner, v1 with a capital D in invocationID',
      provenanceV1(
        {
          buildType: 'https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v16.7.0/PROVENANCE.md',
          externalParameters: { source: 'https://gitlab.example.org/acme/app' },
        },
        { metadata: { invocationID: '10340684631' } },
      ),
      'https://gitlab.example.org/acme/app/-/jobs/10340684631',
    ],
    [
      'npm on GitLab',
      provenanceV02({
        builder: { id: 'https://gitlab.com/acme/app/-/runners/1' },
        metadata: { buildInvocationId: 'https://gitlab.com/acme/app/-/jobs/5' },
      }),
      'https://gitlab.com/acme/app/-/jobs/5',
    ],
    [
      'any other builder',
      provenanceV1(
        {},
        { builder: { id: 'https://ci.example.org/b' }, metadata: { invocationId: '1' } },
      ),
      'https://ci.example.org/b#1',
    ],
    [
      'an id without builder',
      provenanceV1({}, { metadata: { invocationId: '1' } }),
      /^sha256:[0-9a-f]{64}$/,
    ],
    [
      'GitHub, of a source that is not a URL',
      provenanceV02({
        invocation: {
          configSource: { uri: 'git@host:@main' },
          environment: { GITHUB_RUN_ID: '77', GITHUB_REPOSITORY: 'acme/app' },
        },
      }),
      /^sha256:[0-9a-f]{64}$/,
    ],
    ['no id at all', provenanceV1({ buildType: 'x' }), /^sha256:[0-9a-f]{64}$/],
  ];

  test.each(cases)('%s', (_vendor, document, key) => {
    const [found] = keysOf(parse(document).changes, 'Build');
    if (typeof key === 'string') expect(found).toBe(key);
    else expect(found).toMatch(key);
  });

  test('is one node for the Go and the Gradle provenance of one run', () => {
    const key =
      'https://github.com/slsa-framework/example-package/actions/runs/8373486918/attempts/1';
    expect(keysOf(parse(fixture('intoto/github-go-v0.2.intoto.jsonl')).changes, 'Build')).toEqual([
      key,
    ]);
    expect(keysOf(parse(fixture('intoto/github-gradle-v1.build.slsa')).changes, 'Build')).toEqual([
      key,
    ]);
  });

  test('is the resource name of a Google Cloud Build, as a URL', () => {
    expect(keysOf(parse(fixture('intoto/cloud-build-v0.1.json')).changes, 'Build')).toEqual([
      'https://cloudbuild.googleapis.com/v1/projects/171719165453/locations/us-central1/builds/565456b1-0394-4c71-8c18-79f9057483df',
    ]);
  });

  test('does not depend on the order of members where the predicate names it', () => {
    const [one] = keysOf(
      parse(provenanceV1({ buildType: 'x', resolvedDependencies: [] })).changes,
      'Build',
    );
    const [two] = keysOf(
      parse(provenanceV1({ resolvedDependencies: [], buildType: 'x' })).changes,
      'Build',
    );
    expect(one).toBe(two);
  });

  test('takes no times and parameters from a step inside of it', () => {
    const { changes } = parse(fixture('intoto/buildkit-on-github-v0.2.json'));
    expect(changes.nodes.find(({ label }) => label === 'Build')?.facets).toEqual({});
    expect(changes.validFrom).toBe(Date.parse('2023-02-28T00:40:11.640Z'));
  });
});
