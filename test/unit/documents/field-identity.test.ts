import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mapCdEvent } from '../../../src/foreign/cdevents/mapping.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { event } from '../../support/events.ts';
import { graphOfEvents, upstreamOf } from '../../support/fold-graph.ts';

/**
 * Two things are one only by a value that identifies: the cases of test/fixtures/field (05 to 08, 13, 20, 23) in the words of other
 * producers.
 */

type Json = Record<string, unknown>;
const hash = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text).digest('hex');
const sha256 = (text: string): string => hash('sha256', text);
/** A digest of a name's file, which is not that of the name: go-witness has such subjects, and they are not files. */
const sha256Of = (name: string): string => sha256(`the file ${name}`);
const file = (name: string): string => `Artifact:sha256:${sha256Of(name)}`;
const submit = (content: Json): Envelope => {
  const text = JSON.stringify(content);
  return event('document.submitted', { digest: `sha256:${sha256(text)}`, content: text });
};
const run = (name: string): string => `https://ci.example/runs/${name}`;

/** As slsa-github-generator and cosign have it. */
const slsa = (name: string, subject: Json, dependencies: Json[] = []): Envelope =>
  submit({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subject],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://ci.example/t',
        resolvedDependencies: dependencies,
      },
      runDetails: {
        builder: { id: 'https://ci.example/b' },
        metadata: { invocationId: run(name) },
      },
    },
  });
/** As Tekton Chains has it. */
const tekton = (name: string, subject: Json, materials: Json[] = []): Envelope =>
  submit({
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [subject],
    predicateType: 'https://slsa.dev/provenance/v0.2',
    predicate: {
      builder: { id: 'https://tekton.dev/chains/v2' },
      buildType: 'tekton.dev/v1beta1/TaskRun',
      metadata: { buildInvocationId: run(name) },
      materials,
    },
  });
const sbom = (image: string, components: Json[]): Envelope =>
  submit({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
    metadata: {
      component: {
        ...{ type: 'container', name: image, 'bom-ref': 'root' },
        version: `sha256:${sha256Of(image)}`,
      },
    },
    components,
  });
const hashes = (set: Json): Json[] =>
  Object.entries(set).map(([alg, content]) => ({ alg, content }));

function buildsOf(envelopes: readonly Envelope[], root: string): string[] {
  return [...upstreamOf(graphOfEvents(envelopes), root)]
    .filter((id) => id.startsWith('Build:'))
    .map((id) => id.slice(`Build:${run('')}`.length))
    .sort();
}

describe('05: a digest that two files share', () => {
  const shared: readonly (readonly [string, Json])[] = [
    [
      'gitoid of a licence, as of go-witness',
      { 'gitoid:sha1': `gitoid:blob:sha1:${hash('sha1', 'MIT')}` },
    ],
    ['md5, as of a Gradle plugin', { md5: hash('md5', 'collision') }],
    ['sha1 of a tree, as of a monorepo', { gitTree: hash('sha1', 'tree') }],
    ['sha512, of which one is wrong', { sha512: hash('sha512', 'one') }],
    ['Go module hash', { h1: 'j3hQSXhzUVcI/0R5kZmrzhDaqTi7bfDCUs6SXYJ4Z/U=' }],
  ];
  test.each(shared)('%s', (_, digest) => {
    const told = [
      slsa('one', { name: 'a', digest: { sha256: sha256Of('a'), ...digest } }),
      tekton('two', { name: 'b', digest: { sha256: sha256Of('b'), ...digest } }),
    ];
    expect(buildsOf(told, file('a'))).toEqual(['one']);
    expect(buildsOf(told, file('b'))).toEqual(['two']);
  });

  test('in two SBOMs, as of cdxgen', () => {
    const component = (name: string): Json => ({
      ...{ type: 'library', 'bom-ref': name, name, version: '1' },
      hashes: hashes({ 'SHA-1': hash('sha1', 'shared'), 'SHA-256': sha256Of(name) }),
    });
    const told = [
      sbom('one', [component('a')]),
      sbom('two', [component('b')]),
      slsa('two', { name: 'b', digest: { sha256: sha256Of('b') } }),
    ];
    expect(buildsOf(told, file('one'))).toEqual([]);
    expect(buildsOf(told, file('two'))).toEqual(['two']);
  });
});

describe('06: a package URL that many files have', () => {
  test.each([
    ['a jar and its sources, as of the Maven plugin', 'pkg:maven/org.x/a@1.0?type=jar'],
    ['two platforms of a gem, as of syft', 'pkg:gem/nokogiri@1.15.0'],
    ['two builds of conda, as of syft', 'pkg:conda/numpy@1.26.0?type=conda'],
    ['a package of Debian without architecture', 'pkg:deb/debian/curl@7.88.1-10'],
    ['an image by its tag', 'pkg:docker/library/app@1.0'],
    ['a local version, as of npm in a monorepo', 'pkg:npm/app@0.0.0'],
    ['a tarball of npm that was packed twice', 'pkg:npm/app@1.0.0'],
  ])('%s', (_, purl) => {
    const told = [
      slsa('one', { name: 'a', uri: purl, digest: { sha256: sha256Of('a') } }),
      slsa('two', { name: purl, digest: { sha256: sha256Of('b') } }),
    ];
    expect(buildsOf(told, file('a'))).toEqual(['one']);
    expect(buildsOf(told, file('b'))).toEqual(['two']);
  });

  test('joins a file and its package where there is one, whichever digest is stated', () => {
    const purl = 'pkg:npm/app@1.0.0';
    const digest = { sha512: hash('sha512', 'a') };
    const told = [
      slsa('one', { name: purl, digest }),
      sbom('image', [{ type: 'library', name: 'app', version: '1.0.0', purl }]),
    ];
    expect(buildsOf(told, file('image'))).toEqual(['one']);
  });
});

describe('07: a package URL with two files in one SBOM', () => {
  test.each([
    ['two paths, as of trivy', 'pkg:maven/org.x/a@1.0', { 'aquasecurity:trivy:FilePath': '/a' }],
    ['a snapshot, as of syft', 'pkg:maven/org.x/a@1.0-SNAPSHOT?type=jar&classifier=x', {}],
    ['two tarballs of one version, as of cdxgen', 'pkg:npm/a@1.0.0', {}],
  ])('%s', (_, purl, properties) => {
    const component = (ref: string): Json => ({
      ...{ type: 'library', 'bom-ref': ref, name: 'a', version: '1.0', purl },
      hashes: hashes({ 'SHA-256': sha256Of(ref) }),
      properties: Object.entries(properties).map(([name, value]) => ({ name, value })),
    });
    const told = [
      sbom('image', [component('a'), component('b')]),
      slsa('two', { name: 'b', digest: { sha256: sha256Of('b') } }),
    ];
    expect(buildsOf(told, file('a'))).toEqual([]);
    // the image has both files, whatever they are called
    expect(buildsOf(told, file('image'))).toEqual(['two']);
  });
});

describe('08: the digest of nothing', () => {
  test.each([
    ['py.typed, as of syft', { 'SHA-1': hash('sha1', ''), 'SHA-256': sha256('') }],
    ['a line end, as of cdxgen', { 'SHA-512': hash('sha512', '\n') }],
    ['an empty layer, as of trivy', { 'SHA-256': sha256('\0'.repeat(1024)) }],
    ['an empty configuration, as of BuildKit', { 'SHA-256': sha256('{}') }],
    ['zeros, as of a plugin that knows none', { 'SHA-256': '0'.repeat(64) }],
  ])('%s', (_, set) => {
    const component = { type: 'file', 'bom-ref': 'f', name: '/f', hashes: hashes(set) };
    const [algorithm, value] = Object.entries(set).at(-1)!;
    const name = algorithm.toLowerCase().replace('-', '');
    const told = [
      sbom('one', [component]),
      sbom('two', [component]),
      slsa('three', { name: 'f', digest: { [name]: value } }),
    ];
    const graph = graphOfEvents(told);
    expect(buildsOf(told, file('one'))).toEqual([]);
    expect([...upstreamOf(graph, file('one'))]).toHaveLength(2);
    expect(graph.nodes.has(`Artifact:${name}:${value}`)).toBe(false);
  });
});

describe('13: a task with the id of its pipeline', () => {
  const cdEvent = (type: string, subject: string, content: Json, more: Json = {}) =>
    mapCdEvent({
      context: {
        ...{ version: '0.4.1', id: `${type}${JSON.stringify(content)}`, source: '/jenkins/shop/' },
        ...{ type: `dev.cdevents.${type}`, timestamp: '2026-05-01T10:00:00Z' },
      },
      subject: { id: '12', source: '/jenkins/shop/', type: subject, content, ...more },
    });
  const pipelineRun = { id: '12', source: '/jenkins/shop/' };
  const builds = (events: readonly (readonly Envelope[])[]) =>
    new Set(events.flat().map(({ data }) => (data as { build: string }).build)).size;

  test.each([
    ['told before the pipeline', 'unit tests', {}],
    ['on the page of the pipeline', 'unit tests', { url: 'https://jenkins.example/job/shop/12/' }],
    ['with a name that needs escaping', 'lint / Größe', {}],
  ])('%s', (_, taskName, page) => {
    const task = cdEvent('taskrun.started.0.2.0', 'taskRun', { taskName, pipelineRun, ...page });
    const pipeline = cdEvent('pipelinerun.started.0.2.0', 'pipelineRun', {
      pipelineName: 'shop',
      ...page,
    });
    expect(builds([task, pipeline])).toBe(2);
  });

  test('two tasks of one pipeline are two', () => {
    const tasks = ['build', 'test'].map((taskName) =>
      cdEvent('taskrun.started.0.2.0', 'taskRun', { taskName, pipelineRun }),
    );
    expect(builds(tasks)).toBe(2);
  });
});

describe('20: a commit that is attested like a file', () => {
  const commit = hash('sha1', 'a commit');
  test.each<[string, Json]>([
    ['as of Chainloop', { name: 'git.head', digest: { sha1: commit } }],
    ['as of Tekton', { name: 'git+https://git.example/team/app.git', digest: { sha1: commit } }],
    ['as of source-tool', { uri: 'git+https://github.com/a/b', digest: { gitCommit: commit } }],
    [
      'as of a verification summary',
      { uri: 'https://github.com/a/b', digest: { gitCommit: commit } },
    ],
  ])('%s', (_, subject) => {
    const graph = graphOfEvents([
      submit({
        ...{ _type: 'https://in-toto.io/Statement/v1', subject: [subject] },
        ...{ predicateType: 'https://example.com/review/v1', predicate: {} },
      }),
    ]);
    expect(graph.into(`Commit:${commit}`, 'ATTESTS')).toHaveLength(1);
    expect([...graph.nodes.values()].filter(({ label }) => label === 'Artifact')).toEqual([]);
  });
});

describe('23: what a producer writes where it knows nothing', () => {
  test.each<[string, Json]>([
    ['a parameter of Tekton that was not given', { uri: '$(params.url)', digest: { sha1: '' } }],
    ['a task of Tekton without git', { uri: 'git+.git', digest: { sha1: 'null' } }],
    ['the context of BuildKit', { uri: '.', digest: {} }],
    [
      'a commit of zeros, as of a shallow clone',
      { uri: 'git+https://', digest: { sha1: '0'.repeat(40) } },
    ],
    ['a version that Gradle does not know', { uri: 'pkg:maven/org.x/a@unspecified', digest: {} }],
    ['an image of Docker without a name', { uri: 'docker://<none>:<none>', digest: {} }],
    ['a digest of nothing', { uri: 'unknown', digest: { sha256: sha256('') } }],
  ])('%s', (_, material) => {
    const told = ['one', 'two'].map((name) =>
      tekton(name, { name, digest: { sha256: sha256Of(name) } }, [material]),
    );
    const graph = graphOfEvents(told);
    const shared = (name: string) =>
      [...upstreamOf(graph, file(name))].filter((id) => id !== file(name));
    expect(shared('one')).toEqual([`Build:${run('one')}`]);
    expect(shared('two')).toEqual([`Build:${run('two')}`]);
  });
});

describe('an SBOM that is attested of an image, and describes the application in it', () => {
  const image = sha256Of('image');
  const attested = (purl: string): Envelope =>
    submit({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'ghcr.io/acme/app', digest: { sha256: image } }],
      predicateType: 'https://cyclonedx.org/bom',
      predicate: {
        ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
        metadata: { component: { type: 'library', name: 'app', version: '1.0.0', purl } },
        components: [{ type: 'library', name: 'lib', purl: 'pkg:npm/attested-lib@1.0.0' }],
      },
    });

  test.each([
    ['npm sbom', 'pkg:npm/attested-app@1.0.0'],
    ['cyclonedx-gomod', 'pkg:golang/git.example/acme/attested-app@v1.0.0?type=module'],
    ['cargo-cyclonedx', 'pkg:cargo/attested-app@1.0.0'],
  ])('%s: the image is not the published package, nor of its build', (_, purl) => {
    const published = slsa('publish', { name: purl, digest: { sha512: hash('sha512', purl) } });
    const graph = graphOfEvents([
      attested(purl),
      published,
      slsa('image', { name: 'ghcr.io/acme/app', digest: { sha256: image } }),
      sbom('other', [{ type: 'library', name: 'app', purl }]),
    ]);
    expect(upstreamOf(graph, `Artifact:sha256:${image}`)).not.toContain(`Build:${run('publish')}`);
    expect(upstreamOf(graph, `Artifact:sha256:${image}`)).toContain(`Build:${run('image')}`);
    expect(upstreamOf(graph, file('other'))).not.toContain(`Build:${run('image')}`);
  });
});
