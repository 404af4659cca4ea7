import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { mapGithubWebhook } from '../../../src/foreign/github/webhook.ts';
import { splitDocument } from '../../../src/documents/split.ts';
import { buildKey } from '../../../src/model/keys.ts';
import { accept } from '../foreign/event-samples.ts';
import { bom, dsse, edgesOf, keysOf, nodeOf, parse, provenanceV1, statement } from './reading.ts';

/** Further inputs of the kinds that test/fixtures/field has one each of, in the shape that other producers give them. */

const commit = 'c'.repeat(40);
const root = {
  type: 'container',
  name: 'app',
  version: `sha256:${'1'.repeat(64)}`,
  'bom-ref': 'root',
};
const library = (name: string, more: object = {}) => ({
  ...{ type: 'library', name, version: '1.0.0', purl: `pkg:npm/${name}@1.0.0` },
  ...more,
});
const sbom = (more: Record<string, unknown>) => bom({ metadata: { component: root }, ...more });
const contained = (document: unknown) =>
  edgesOf(parse(document).changes, 'CONTAINS').map((edge) => edge.replace(/^.*-> \w+ /, ''));
const depends = (document: unknown) =>
  edgesOf(parse(document).changes, 'DEPENDS_ON').map((edge) =>
    edge.replaceAll('PackageVersion ', ''),
  );

describe('17-duplicate-in-depends-on', () => {
  const [a, b] = [library('a', { 'bom-ref': 'a' }), library('b', { 'bom-ref': 'b' })];
  const edge = 'pkg:npm/a@1.0.0 -DEPENDS_ON-> pkg:npm/b@1.0.0';
  test.each([
    [
      'two entries for one ref (cdxgen)',
      [
        { ref: 'a', dependsOn: ['b'] },
        { ref: 'a', dependsOn: ['b'] },
      ],
    ],
    [
      'an entry without dependsOn beside one with it (Gradle)',
      [{ ref: 'a' }, { ref: 'a', dependsOn: ['b'] }],
    ],
    ['a ref that depends on itself (Maven)', [{ ref: 'a', dependsOn: ['a', 'b', 'b'] }]],
    ['a ref to nothing (trivy)', [{ ref: 'a', dependsOn: ['b', 'gone'] }]],
  ])('%s', (_what, dependencies) => {
    const document = sbom({ components: [a, b], dependencies });
    expect(depends(document)).toEqual([edge]);
    expect(contained(document)).toEqual(['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']);
  });
});

describe('18-identical-component-twice', () => {
  test.each([
    [
      'with one bom-ref (cdxgen)',
      [library('a', { 'bom-ref': 'a' }), library('a', { 'bom-ref': 'a' })],
    ],
    [
      'with two bom-refs (syft, one per place)',
      [library('a', { 'bom-ref': 'x' }), library('a', { 'bom-ref': 'y' })],
    ],
    ['once inside of the other (Maven shade)', [library('a', { components: [library('a')] })]],
    [
      'with the members in another order',
      [library('a'), { purl: 'pkg:npm/a@1.0.0', version: '1.0.0', name: 'a', type: 'library' }],
    ],
  ])('%s', (_what, components) => {
    expect(contained(sbom({ components }))).toEqual(['pkg:npm/a@1.0.0']);
  });
});

describe('24-refs-in-another-encoding', () => {
  test.each([
    ['a plus (Debian)', 'pkg:deb/debian/g%2B%2B@12?arch=amd64', 'pkg:deb/debian/g++@12?arch=amd64'],
    [
      'qualifiers in another order (trivy)',
      'pkg:rpm/redhat/bash@5?arch=x86_64&distro=rhel-9',
      'pkg:rpm/redhat/bash@5?distro=rhel-9&arch=x86_64',
    ],
    ['a type in capitals', 'pkg:npm/%40scope/a@1.0.0', 'pkg:NPM/@scope/a@1.0.0'],
    ['an escaped colon (Maven)', 'pkg:maven/g/a@1:2?type=jar', 'pkg:maven/g/a@1%3A2?type=jar'],
  ])('%s', (_what, purl, ref) => {
    const document = sbom({
      components: [
        { type: 'library', name: 'x', purl, 'bom-ref': purl },
        library('b', { 'bom-ref': 'b' }),
      ],
      dependencies: [{ ref, dependsOn: ['b'] }],
    });
    expect(depends(document)).toHaveLength(1);
  });
});

describe('27-unknown-licence-id', () => {
  test.each([
    ['an expression that cannot be parsed (syft)', [{ expression: 'GPL-2.0+ AND (' }]],
    ['a text instead of a list (older cdxgen)', 'MIT'],
    ['id and name at once (Gradle)', [{ license: { id: 'Apache License 2.0', name: 'Apache' } }]],
    ['an empty licence (trivy)', [{ license: {} }]],
  ])('%s', (_what, licenses) => {
    const { changes } = parse(sbom({ components: [library('a', { licenses }), library('b')] }));
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({ content: { complete: true } });
    expect(edgesOf(changes, 'CONTAINS')).toHaveLength(2);
  });
});

describe('22-cyclonedx-inside-attestation', () => {
  const image = '2'.repeat(64);
  const subject = [{ name: 'registry.example/app', digest: { sha256: image } }];
  const predicate = sbom({ components: [library('a')] });
  const attested = (value: unknown, predicateType = 'https://cyclonedx.org/bom') =>
    statement({ subject, predicateType, predicate: value });
  const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
  test.each([
    ['syft attest', dsse(attested(predicate))],
    [
      'cosign attest --type cyclonedx, packed payload',
      dsse(null, { payload: base64(gzipSync(JSON.stringify(attested(predicate)))) }),
    ],
    [
      'cosign attest --type custom',
      dsse(
        attested({ Data: JSON.stringify(predicate) }, 'https://cosign.sigstore.dev/attestation/v1'),
      ),
    ],
    [
      'URL-safe base64 without padding',
      dsse(null, {
        payload: base64(JSON.stringify(attested(predicate)))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replace(/=+$/, ''),
      }),
    ],
  ])('%s', (_what, document) => {
    expect(edgesOf(parse(document).changes, 'CONTAINS')).toContain(
      `Artifact sha256:${image} -CONTAINS-> PackageVersion pkg:npm/a@1.0.0`,
    );
  });
});

describe('26-bundle-with-unknown-line', () => {
  test.each([
    [
      'a signature over a file',
      {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        messageSignature: {},
        verificationMaterial: {},
      },
    ],
    [
      'an envelope of another payload',
      { payloadType: 'application/vnd.other+json', payload: 'e30=', signatures: [] },
    ],
    ['an object of nobody', { kind: 'Note' }],
  ])('%s beside a provenance', (_what, other) => {
    const lines = [
      JSON.stringify(
        dsse(provenanceV1({}, { metadata: { invocationId: 'https://ci.example/1' } })),
      ),
      JSON.stringify(other),
    ];
    const parts = splitDocument(lines.join('\n'));
    expect(parts.map(({ where }) => where)).toEqual(['line 1', 'line 2']);
    expect(keysOf(parse(parts[0]!.text).changes, 'Build')).toEqual(['https://ci.example/1']);
  });
});

describe('25-run-of-a-fork', () => {
  const payload = (head: unknown) => ({
    action: 'completed',
    workflow_run: {
      ...{
        id: 5,
        head_sha: commit,
        event: 'pull_request',
        conclusion: 'success',
        head_repository: head,
      },
      ...{ created_at: '2026-05-01T10:00:00Z', updated_at: '2026-05-01T10:05:00Z' },
    },
    repository: { id: 1, html_url: 'https://ghe.corp.example/Team/App' },
    sender: {},
  });
  const dataOf = (head: unknown) =>
    mapGithubWebhook(payload(head), 'workflow_run').map((envelope) => accept(envelope).body)[0]
      ?.data;

  test('on a server of one’s own: the commit is in the fork, the run in the base', () => {
    expect(dataOf({ html_url: 'https://ghe.corp.example/ada/App' })).toMatchObject({
      build: 'https://ghe.corp.example/team/app/actions/runs/5/attempts/1',
      repository: 'https://ghe.corp.example/ada/App',
    });
  });
  test('of which the fork is gone: nobody knows where the commit is', () => {
    expect(dataOf(null)).not.toHaveProperty('repository');
  });
  test('that is not of a fork', () => {
    expect(dataOf(undefined)).toMatchObject({ repository: 'https://ghe.corp.example/team/app' });
  });
});

describe('21-buildkit-vcs-of-local-context', () => {
  const vcs = { source: 'git@git.example:team/api.git', revision: commit };
  const v1 = (metadata: object, request: object = {}) =>
    provenanceV1(
      {
        buildType:
          'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
        externalParameters: { request },
      },
      { builder: { id: '' }, metadata: { invocationId: 'jckf4dzdrb4i99ygsshezjtsq', ...metadata } },
    );
  const sources = (document: unknown) =>
    edgesOf(parse(document).changes, 'BUILT_FROM', 'IN_REPOSITORY').map((edge) =>
      edge.replace(/^.*-> /, ''),
    );
  test.each([
    ['v1, in its metadata', v1({ buildkit_metadata: { vcs } })],
    [
      'v1, among the arguments of the frontend',
      v1({}, { args: { 'vcs:source': vcs.source, 'vcs:revision': vcs.revision } }),
    ],
    [
      'with a revision in capitals',
      v1({ buildkit_metadata: { vcs: { ...vcs, revision: commit.toUpperCase() } } }),
    ],
  ])('%s', (_what, document) => {
    expect(sources(document).sort()).toEqual([
      `Commit ${commit}`,
      'Repository https://git.example/team/api',
    ]);
  });
  test('of a working tree with changes is not the commit', () => {
    expect(
      sources(v1({ buildkit_metadata: { vcs: { ...vcs, revision: `${commit}-dirty` } } })),
    ).toEqual([]);
  });
});

describe('33-tekton-two-repositories', () => {
  test.each([
    [
      'Chains v2alpha4, with names',
      'https://tekton.dev/chains/v2',
      [
        {
          name: 'pipelineTask',
          uri: 'git+https://git.example/catalog.git',
          digest: { sha1: 'a'.repeat(40) },
        },
        {
          name: 'inputs/result',
          uri: 'git+https://git.example/app.git',
          digest: { sha1: 'b'.repeat(40) },
        },
      ],
    ],
    [
      'Konflux, one repository in two spellings',
      'https://tekton.dev/chains/v2',
      [
        { uri: 'git+https://git.example/app.git', digest: { sha1: 'a'.repeat(40) } },
        { uri: 'git+ssh://git@git.example:2222/app', digest: { gitCommit: 'b'.repeat(40) } },
      ],
    ],
    [
      'two commits of one repository',
      'https://konflux.example/chains',
      [
        {
          uri: 'git+https://git.example/app@refs/heads/main',
          digest: { gitCommit: 'a'.repeat(40) },
        },
        {
          uri: 'git+https://git.example/app@refs/heads/dev',
          digest: { gitCommit: 'b'.repeat(40) },
        },
      ],
    ],
  ])('%s', (_what, builder, resolvedDependencies) => {
    const { changes } = parse(
      provenanceV1(
        { buildType: 'https://tekton.dev/chains/v2/slsa-tekton', resolvedDependencies },
        {
          builder: { id: builder },
          metadata: { invocationId: '1aa04ff2-9c2a-47f5-9c75-ed43d259649a' },
        },
      ),
    );
    expect(keysOf(changes, 'Build')).toEqual([`${builder}#1aa04ff2-9c2a-47f5-9c75-ed43d259649a`]);
    expect(edgesOf(changes, 'BUILT_FROM').map((edge) => edge.slice(-1))).toEqual(['a', 'b']);
  });
});

test.each([
  ['https://gitlab.com/Acme/App/-/jobs/5', 'http://gitlab.com/acme/app/-/jobs/5?page=1'],
  [
    'https://codeberg.org/Acme/App/actions/runs/5',
    'https://codeberg.org/api/v1/repos/acme/app/actions/runs/5',
  ],
  [
    'https://dev.azure.com/acme/Shop/_build/results?buildId=7&view=logs',
    'https://dev.azure.com/ACME/shop/_build/results/?view=results&buildId=7',
  ],
])('15-github-name-in-another-case: %s is %s', (one, other) => {
  expect(buildKey(one, '')).toBe(buildKey(other, ''));
});

test('a token in an address is in no key, name or page', () => {
  const secret = 'ghs_secret';
  const { changes } = parse(
    provenanceV1(
      {
        resolvedDependencies: [
          { uri: `git+https://ci:${secret}@git.example/app`, digest: { gitCommit: commit } },
          { uri: `https://ci:${secret}@files.example/a.tgz`, digest: { sha256: '3'.repeat(64) } },
          { uri: `https://ci:${secret}@files.example/b.tgz` },
        ],
      },
      { metadata: { invocationId: `https://ci:${secret}@ci.example/runs/1` } },
    ),
  );
  const stored = changes.nodes.map(({ key, facets }) => [key, { ...facets, parameters: null }]);
  expect(JSON.stringify(stored)).not.toContain(secret);
  expect(keysOf(changes, 'Resource')).toEqual(['https://files.example/b.tgz']);
});
