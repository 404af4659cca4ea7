import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/** Issue 9, kinds 8 and 9: what other producers write of packages (cases 02, 05 and 21 of field-api). */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

let count = 0;

const ingest = (...documents: object[]) => field.ingestAll(...documents);

/** An image that runs in an environment of its own, and what says of it. */
function world(name: string) {
  const source = `https://ops.${name}.example`;
  const digest = sha256(`packages-further ${name}`);
  const environment = `${name}/prod`;
  const event = (type: string, data: object) => {
    count += 1;
    const envelope = { specversion: '1.0', id: `e${count}`, source, type };
    return { ...envelope, time: '2026-05-01T10:00:00Z', data };
  };
  const deployed = event('deployment.created', {
    ...{ deployment: 'it', artifacts: [`sha256:${digest}`], environment: 'prod', scope: name },
  });
  const detected = (vulnerability: string, ...affects: string[]) =>
    event('vulnerability.detected', { vulnerability, affects });
  const verdict = async (vulnerability: string) => {
    const found = await field.impact(vulnerability, { environments: [environment] });
    const verdicts = { AFFECTED: found.affected, NOT_AFFECTED: found.notAffected };
    const said = Object.entries(verdicts).find(([, keys]) => keys.length > 0)?.[0] ?? 'UNKNOWN';
    return `${said} ${found.reasons[`${source}#it`] ?? ''}`;
  };
  return { source, digest, deployed, detected, event, verdict };
}

type Component = { readonly purl: string; readonly 'bom-ref'?: string };

/** A complete SBOM of an image. */
function sbom(digest: string, components: readonly Component[], rest: object = {}) {
  return {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: {
      timestamp: '2026-05-01T00:00:00Z',
      component: {
        ...{ type: 'container', name: 'app', 'bom-ref': 'root' },
        hashes: [{ alg: 'SHA-256', content: digest }],
      },
    },
    components: components.map((one, at) => ({
      ...{ type: 'library', name: `c${at}`, 'bom-ref': `c${at}`, ...one },
    })),
    compositions: [{ aggregate: 'complete', assemblies: ['root'] }],
    dependencies: [
      { ref: 'root', dependsOn: components.map((one, at) => one['bom-ref'] ?? `c${at}`) },
    ],
    ...rest,
  };
}

describe('02-purl-case-and-spelling', () => {
  const spellings: readonly (readonly [string, string, string, boolean])[] = [
    ['Syft', 'pkg:pypi/F02.Zope_Interface@5.0', 'pkg:pypi/f02-zope-interface@5.0', true],
    ['Trivy', 'pkg:nuget/F02.Newtonsoft.Json@13.0.1', 'pkg:nuget/f02.newtonsoft.json@13.0.1', true],
    ['cdxgen', 'pkg:composer/F02/Http-Client@v5.4.0', 'pkg:composer/f02/http-client@5.4.0', true],
    ['govulncheck', 'pkg:golang/f02.example/mod@v1.2.0', 'pkg:golang/f02.example/mod@1.2.0', true],
    ['cargo-cyclonedx', 'pkg:cargo/f02_serde@1.0.0', 'pkg:cargo/f02-serde@1.0.0', false],
    ['Maven plugin', 'pkg:maven/f02.org/Core@1.0', 'pkg:maven/f02.org/core@1.0', false],
    ['npm', 'pkg:npm/F02JSONStream@1.0.0', 'pkg:npm/f02jsonstream@1.0.0', false],
    ['GitHub', 'pkg:github/F02/Action@v4', 'pkg:github/f02/action@v4', true],
  ];

  test('producers and advisories spell one package in several ways, and two in similar ones', async () => {
    const { digest, deployed, detected, verdict, event } = world('further02');
    await ingest(
      sbom(
        digest,
        spellings.map(([, purl]) => ({ purl })),
      ),
      [event('artifact.created', { digest: `sha256:${digest}` }), deployed],
    );
    await field.post(
      spellings.map(([producer, , advisory]) => detected(`F02-${producer}`, advisory)),
    );
    const said: string[] = [];
    for (const [producer] of spellings)
      said.push(`${producer} ${await verdict(`F02-${producer}`)}`);
    expect(said).toEqual(
      spellings.map(([producer, , , isSame]) =>
        isSame ? `${producer} AFFECTED REACHED` : `${producer} NOT_AFFECTED SBOM_WITHOUT_MATCH`,
      ),
    );
  });
});

describe('05-cyclonedx-vex-ignored', () => {
  const vulnerability = (id: string, ref: string, analysis: object) => ({
    ...{ id, source: { name: 'VENDOR' }, analysis, affects: [{ ref }] },
  });

  test('cosign: VEX of a product as the predicate of an attestation', async () => {
    const { digest, deployed, detected, verdict } = world('further05a');
    const purl = 'pkg:npm/f05a-lib@1.0.0';
    const predicate = sbom(digest, [{ purl }], {
      vulnerabilities: [vulnerability('F05-A', 'c0', { state: 'not_affected' })],
    });
    const statement = {
      ...{ _type: 'https://in-toto.io/Statement/v0.1', predicateType: 'https://cyclonedx.org/bom' },
      ...{ subject: [{ name: 'app', digest: { sha256: digest } }], predicate },
    };
    await ingest([deployed, detected('F05-A', purl)], {
      payloadType: 'application/vnd.in-toto+json',
      payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
      signatures: [{ sig: 'AA==' }],
    });
    expect(await verdict('F05-A')).toBe('NOT_AFFECTED VEX');
  });

  test('Dependency-Track: false_positive and resolved clear, in_triage and exploitable do not', async () => {
    const { digest, deployed, detected, verdict } = world('further05b');
    const states = ['false_positive', 'resolved', 'in_triage', 'exploitable'];
    const purlOf = (state: string) => `pkg:npm/f05b-${state.replace('_', '-')}@1.0.0`;
    await ingest(
      sbom(
        digest,
        states.map((state) => ({ purl: purlOf(state) })),
      ),
      [deployed, ...states.map((state) => detected(`F05-B-${state}`, purlOf(state)))],
      {
        ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
        metadata: { timestamp: '2026-05-02T00:00:00Z' },
        components: states.map((state) => ({
          ...{ type: 'library', name: state, 'bom-ref': state, purl: purlOf(state) },
        })),
        vulnerabilities: states.map((state) => vulnerability(`F05-B-${state}`, state, { state })),
      },
    );
    const said = [];
    for (const state of states) said.push(await verdict(`F05-B-${state}`));
    expect(said).toEqual([
      'NOT_AFFECTED VEX',
      'NOT_AFFECTED VEX',
      'AFFECTED REACHED',
      'AFFECTED REACHED',
    ]);
  });

  test('Trivy: a VEX document names a component of an SBOM that comes later, by BOM-Link', async () => {
    const { digest, deployed, detected, verdict } = world('further05c');
    const serial = '5a0c0f7e-0505-4c05-8c05-0000000005c5';
    const purl = 'pkg:npm/f05c-lib@1.0.0';
    await ingest(
      {
        ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
        metadata: { timestamp: '2026-05-02T00:00:00Z' },
        vulnerabilities: [
          vulnerability('F05-C', `urn:cdx:${serial}/1#c0`, { state: 'not_affected' }),
        ],
      },
      [deployed, detected('F05-C', purl)],
      sbom(digest, [{ purl }], { serialNumber: `urn:uuid:${serial}` }),
    );
    expect(await verdict('F05-C')).toBe('NOT_AFFECTED VEX');
  });
});

describe('21-search-npm-scope', () => {
  test.each([
    ['npm, as package.json has it', '@f21-scope/Parse-Thing', 'pkg:npm/%40f21-scope/parse-thing'],
    ['npm', 'pkg:npm/@f21-Scope/Parse', 'pkg:npm/%40f21-scope/parse-thing'],
    ['PyPI', 'PKG:PyPI/F21_Zope.Interface', 'pkg:pypi/f21-zope-interface'],
    ['Go', 'pkg:golang/f21.example/some%2Fmodule', 'pkg:golang/f21.example/some/module/v2'],
    ['Maven', 'pkg:maven/f21.org.acme/core', 'pkg:maven/f21.org.acme/core'],
    ['Debian', 'pkg:deb/Debian/f21-Lib', 'pkg:deb/debian/f21-lib'],
    ['Composer', 'pkg:composer/F21/Framework', 'pkg:composer/f21/framework'],
  ])('%s: %s', async (_, text, found) => {
    const { event, digest } = world(`further21-${sha256(text).slice(0, 8)}`);
    await field.post([
      event('artifact.created', {
        digest: `sha256:${digest}`,
        contains: [`${found}@1.0.0`],
      }),
    ]);
    const { search } = await field.ask(
      `query ($text: String!) { search(text: $text) { nodes { key } } }`,
      { text },
    );
    const keys = search.nodes.map(({ key }: { key: string }) => key);
    expect(keys).toContain(`${found}@1.0.0`);
  });
});

describe('a package URL without qualifiers', () => {
  const CANDIDATES = `query ($ref: String!) { resolve(ref: $ref) { key } }`;

  test('is the version that is known with some, in impact as well', async () => {
    const { digest, deployed, event } = world('qualified1');
    const known = 'pkg:deb/debian/qualified1-lib@1.0-1?arch=amd64&distro=debian-12';
    await ingest(sbom(digest, [{ purl: known }]), [
      deployed,
      event('artifact.created', { digest: `sha256:${digest}` }),
    ]);
    expect((await field.resolve('pkg:deb/debian/qualified1-lib@1.0-1')).key).toBe(known);
    const { affected } = await field.impact('pkg:deb/debian/qualified1-lib@1.0-1', {
      environments: ['qualified1/prod'],
    });
    expect(affected).toEqual(['https://ops.qualified1.example#it']);
    expect(await field.resolve('pkg:deb/debian/qualified1-lib@1.0')).toBeNull();
    expect(await field.resolve('pkg:deb/debian/qualified1-lib@1.0-1?arch=arm64')).toBeNull();
  });

  test('names every candidate where several are known', async () => {
    const { digest, event } = world('qualified2');
    const known = ['amd64', 'arm64'].map((arch) => `pkg:rpm/redhat/qualified2@2-1?arch=${arch}`);
    await field.post([event('artifact.created', { digest: `sha256:${digest}`, contains: known })]);
    for (const ref of ['pkg:rpm/redhat/qualified2@2-1', 'pkg:rpm/rhel/qualified2@2-1']) {
      const { errors } = await field.gql(CANDIDATES, { ref });
      expect(errors[0].extensions.code).toBe('AMBIGUOUS');
      expect(errors[0].extensions.candidates.map(({ key }: { key: string }) => key)).toEqual(known);
    }
  });

  test('is what it names where that is known itself', async () => {
    const { digest, event } = world('qualified3');
    const [plain, other] = [
      'pkg:apk/alpine/qualified3@3-r0',
      'pkg:apk/alpine/qualified3@3-r0?arch=x86',
    ];
    await field.post([
      event('artifact.created', { digest: `sha256:${digest}`, contains: [plain, other] }),
    ]);
    expect((await field.resolve(plain)).key).toBe(plain);
  });
});
