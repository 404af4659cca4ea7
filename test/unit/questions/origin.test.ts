import { describe, expect, test } from '@jest/globals';
import { dependencyPaths } from '../../../src/questions/dependency-paths.ts';
import { originOf } from '../../../src/questions/origin.ts';
import { event, hex } from '../../support/events.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';

const DEPLOYMENT = 'Deployment:https://ci.example/acme#d';
const FILE = `sha256:${hex('origin file')}`;
const COMMIT = hex('origin commit', 40);

const deployed = (thing: string, ...before: ReturnType<typeof event>[]) =>
  graphOfEvents([
    ...before,
    event('deployment.created', { deployment: 'd', artifacts: [thing], environment: 'prod' }),
  ]);
const built = event('build.completed', {
  ...{ build: 'https://ci.example/runs/1', builder: 'https://ci.example/runner' },
  ...{ commit: COMMIT, outcome: 'success' },
  artifacts: [{ digest: FILE, purl: 'pkg:npm/origin@1.2.3' }],
});

describe('the origin of a deployment', () => {
  test.each([
    ['a file, under the package URL that it has', FILE],
    ['a package version, by the file that it is', 'pkg:npm/origin@1.2.3'],
  ])('is found of %s', (_, thing) => {
    const { versions, builds, commits, builders } = originOf(deployed(thing, built), DEPLOYMENT);
    expect({ versions, builds, commits, builders }).toEqual({
      versions: ['1.2.3'],
      builds: ['Build:https://ci.example/runs/1'],
      commits: [`Commit:${COMMIT}`],
      builders: ['Builder:https://ci.example/runner'],
    });
  });

  test.each([
    ['registry.example/team/shop:2.1', ['2.1']],
    ['pkg:oci/shop?tag=2.1', ['2.1']],
    ['registry.example:5000/shop', []],
    [FILE, []],
  ])('of %s has the versions %j', (thing, versions) => {
    expect(originOf(deployed(thing), DEPLOYMENT).versions).toEqual(versions);
  });

  test('of nothing that anybody built is empty', () => {
    expect(originOf(deployed(FILE), DEPLOYMENT)).toEqual({
      ...{ runs: [`Artifact:${FILE}`], versions: [], builds: [], commits: [], builders: [] },
    });
  });
});

describe('ways to a package', () => {
  const graph = deployed(
    FILE,
    event('artifact.created', {
      digest: FILE,
      contains: ['pkg:npm/%40acme/pad@1.0.0', 'pkg:npm/web@2.0.0?arch=x'],
    }),
  );
  const ask = (text: string) =>
    dependencyPaths(graph, DEPLOYMENT, { text, dependencies: [], truncated: false });

  test.each([
    ['pkg:npm/%40acme/pad', 1],
    ['pkg:npm/%40acme/pad@1.0.0', 1],
    ['pkg:npm/%40acme/pad@1.0.1', 0],
    ['pkg:npm/pad', 0],
    ['PAD', 1],
    ['pkg:npm/web@2.0.0', 1],
    ['pkg:npm/web?arch=y', 0],
    ['', 0],
  ])('asked for %s finds %d', (text, count) => {
    expect(ask(text).packages).toHaveLength(count);
  });

  test('of a claim that says nothing of dependencies end with what contains the package', () => {
    const [way] = ask('pad').paths;
    expect(way).toMatchObject({ explained: false });
    expect(way?.edges.map(({ type }) => type)).toEqual(['DEPLOYS', 'CONTAINS']);
  });

  test('offer the nearest names inside where there is none, and do not call that a no', () => {
    expect(ask('pda')).toMatchObject({ packages: [], nearest: ['pad', 'web'], complete: false });
  });
});
