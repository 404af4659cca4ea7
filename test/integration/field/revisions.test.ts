import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const SUBMIT = `mutation ($content: String!, $time: DateTime) {
  submitDocument(input: { content: $content, time: $time }, wait: APPLIED) { status error { code } } }`;
const CONTAINS = `query ($of: ID!, $asOf: AsOf) { contains(deployment: $of, asOf: $asOf) {
  packages { nodes { key } } documents { nodes { serialNumber bomVersion } } warnings complete
  vulnerabilities { nodes { cleared } } } }`;

/** A deployed image, the documents about it, and an advisory for each version of its library. */
function world(name: string) {
  const source = `https://ci.example/revisions-${name}`;
  const image = `sha256:${createHash('sha256').update(source).digest('hex')}`;
  const uuid = image.slice(7);
  const serial = `urn:uuid:${uuid.slice(0, 8)}-${uuid.slice(8, 12)}-4${uuid.slice(13, 16)}-8${uuid.slice(17, 20)}-${uuid.slice(20, 32)}`;
  const library = (version: string) => `pkg:npm/revised-${name}@${version}`;
  const bom = (version: number, day: number, rest: object) => ({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: serial, version },
    metadata: {
      timestamp: `2026-11-0${day}T00:00:00Z`,
      component: {
        ...{ type: 'container', 'bom-ref': 'root', name },
        hashes: [{ alg: 'SHA-256', content: uuid }],
      },
    },
    compositions: [{ aggregate: 'complete', assemblies: ['root'] }],
    ...rest,
  });
  const components = (version: string) => [
    { type: 'library', 'bom-ref': 'l', name: 'lib', version, purl: library(version) },
  ];
  return {
    ...{ serial, library, bom, components, vulnerability: `REVISED-${name.toUpperCase()}` },
    deployment: `${source}#d`,
    submit: async (document: object): Promise<void> => {
      const { submitDocument } = await field.ask(SUBMIT, { content: JSON.stringify(document) });
      expect(submitDocument).toEqual({ status: 'APPLIED', error: null });
    },
    deployed: async (affects: string): Promise<void> => {
      const base = { specversion: '1.0', source, time: '2026-11-01T00:00:00Z' };
      const receipts = await field.post([
        {
          ...{ ...base, type: 'deployment.created', id: 'd' },
          data: { deployment: 'd', artifacts: [image], environment: 'prod', scope: name },
        },
        {
          ...{ ...base, type: 'vulnerability.detected', id: 'v' },
          data: { vulnerability: `REVISED-${name.toUpperCase()}`, affects: [library(affects)] },
        },
      ]);
      expect(receipts.map(({ status }) => status)).toEqual(['APPLIED', 'APPLIED']);
    },
    verdict: async () =>
      field.impact(`Vulnerability:REVISED-${name.toUpperCase()}`, {
        environments: [`${name}/prod`],
      }),
    contents: async (valid?: string) => {
      const asOf = valid === undefined ? null : { valid };
      const of = await field.idOf(`${source}#d`);
      return (await field.ask(CONTAINS, { of, asOf })).contains;
    },
  };
}

describe('a corrected SBOM', () => {
  test('what only the former version listed is not affected any more, and contains says which version counts', async () => {
    const { bom, components, submit, deployed, verdict, contents, serial, library, deployment } =
      world('corrected');
    await deployed('1.0.0');
    await submit(bom(2, 5, { components: components('2.0.0') }));
    await submit(bom(1, 1, { components: components('1.0.0') }));
    expect(await verdict()).toMatchObject({ affected: [], notAffected: [deployment] });
    expect(await contents()).toMatchObject({
      packages: { nodes: [{ key: library('2.0.0') }] },
      documents: { nodes: [{ serialNumber: serial, bomVersion: 2 }] },
      ...{ warnings: [], complete: true },
    });
    expect(await contents('2026-11-03T00:00:00Z')).toMatchObject({
      packages: { nodes: [{ key: library('1.0.0') }] },
      documents: { nodes: [{ bomVersion: 1 }] },
    });
  });

  test('a version that is not the whole of it leaves what it does not list unknown', async () => {
    const { bom, components, submit, deployed, verdict, deployment } = world('partial');
    await deployed('1.0.0');
    await submit(bom(1, 1, { components: components('1.0.0') }));
    const compositions = [{ aggregate: 'incomplete', assemblies: ['root'] }];
    await submit(bom(2, 5, { components: components('2.0.0'), compositions }));
    expect(await verdict()).toMatchObject({ affected: [], unknown: [deployment] });
  });

  test('two of the same version: both are counted, and a warning says so', async () => {
    const { bom, components, submit, deployed, verdict, contents, library, deployment, serial } =
      world('twins');
    await deployed('1.0.0');
    await submit(bom(1, 1, { components: components('1.0.0') }));
    await submit(bom(1, 2, { components: components('2.0.0') }));
    expect(await verdict()).toMatchObject({ affected: [deployment] });
    const { packages, warnings } = await contents();
    expect(packages.nodes).toEqual([{ key: library('1.0.0') }, { key: library('2.0.0') }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`2 different documents are version 1 of ${serial}`);
  });
});

describe('VEX in a version that was replaced', () => {
  const analysis = (state: string, bomRef: string, id: string) => ({
    vulnerabilities: [{ id, analysis: { state }, affects: [{ ref: bomRef }] }],
  });

  test('does not clear any more', async () => {
    const { bom, components, submit, deployed, verdict, vulnerability, deployment } =
      world('vex-gone');
    await deployed('1.0.0');
    const listed = { components: components('1.0.0') };
    await submit(bom(1, 1, { ...listed, ...analysis('not_affected', 'l', vulnerability) }));
    expect(await verdict()).toMatchObject({ affected: [], notAffected: [deployment] });
    await submit(bom(2, 5, listed));
    expect(await verdict()).toMatchObject({ affected: [deployment], notAffected: [] });
  });

  test('is turned over by the next version, which came first', async () => {
    const { bom, components, submit, deployed, verdict, vulnerability, deployment } =
      world('vex-turned');
    await deployed('1.0.0');
    const listed = { components: components('1.0.0') };
    await submit(bom(2, 5, { ...listed, ...analysis('not_affected', 'l', vulnerability) }));
    await submit(bom(1, 1, { ...listed, ...analysis('exploitable', 'l', vulnerability) }));
    expect(await verdict()).toMatchObject({ affected: [], notAffected: [deployment] });
  });

  test('in a document of its own, without a root: the later one counts', async () => {
    const { bom, components, submit, deployed, verdict, vulnerability, deployment, library } =
      world('vex-alone');
    await deployed('1.0.0');
    const { serialNumber } = bom(1, 1, {});
    await submit({
      ...bom(1, 1, { components: components('1.0.0') }),
      serialNumber: serialNumber.replace(/^urn:uuid:.{8}/, 'urn:uuid:00000000'),
    });
    const vex = (version: number, day: number, state: string) => ({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber, version },
      metadata: { timestamp: `2026-11-0${day}T00:00:00Z` },
      ...analysis(state, library('1.0.0'), vulnerability),
    });
    await submit(vex(1, 3, 'not_affected'));
    expect(await verdict()).toMatchObject({ notAffected: [deployment] });
    await submit(vex(2, 2, 'exploitable'));
    expect(await verdict()).toMatchObject({ affected: [deployment] });
  });
});
