import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/** Issue 11: advisories and VEX as the world publishes them, from a file to the verdict on what runs. */

let field: Field;
const dir = mkdtempSync(join(tmpdir(), 'stemma-advisories-'));
beforeAll(async () => {
  field = await startField();
});
afterAll(async () => {
  await field.stop();
  rmSync(dir, { recursive: true, force: true });
});

let count = 0;

async function ingest(...documents: (object | string)[]): Promise<void> {
  for (const document of documents) {
    count += 1;
    const path = join(dir, `${count}.json`);
    writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
    const { exitCode, report, stderr } = await field.ingest([path]);
    expect({ exitCode, refused: report?.refused, stderr }).toMatchObject({
      exitCode: 0,
      refused: 0,
    });
  }
}

/** An image with components that runs in an environment of its own. */
async function running(name: string, purls: readonly string[]) {
  const scope = `advisories-${name}`;
  const source = `https://ops.${scope}.example`;
  const digest = sha256(scope);
  await ingest({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: {
      component: {
        ...{ type: 'container', name: 'app', 'bom-ref': 'root' },
        hashes: [{ alg: 'SHA-256', content: digest }],
      },
    },
    components: purls.map((purl, at) => ({
      type: 'library',
      name: `c${at}`,
      'bom-ref': `c${at}`,
      purl,
    })),
    compositions: [{ aggregate: 'complete', assemblies: ['root'] }],
  });
  const data = { deployment: 'it', artifacts: [`sha256:${digest}`], environment: 'prod', scope };
  await field.post([
    {
      specversion: '1.0',
      id: `d-${name}`,
      source,
      type: 'deployment.created',
      time: '2026-05-01T10:00:00Z',
      data,
    },
  ]);
  return {
    image: `pkg:oci/app@sha256%3A${digest}`,
    verdict: async (vulnerability: string) => {
      const found = await field.impact(vulnerability, { environments: [`${scope}/prod`] });
      const verdicts = { AFFECTED: found.affected, NOT_AFFECTED: found.notAffected };
      const said = Object.entries(verdicts).find(([, keys]) => keys.length > 0)?.[0] ?? 'UNKNOWN';
      return `${said} ${found.reasons[`${source}#it`] ?? ''}`;
    },
  };
}

function osv(
  id: string,
  ecosystem: string,
  name: string,
  events: readonly object[],
  more: object = {},
) {
  return {
    ...{ schema_version: '1.7.3', id, modified: '2026-01-02T00:00:00Z' },
    affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
    ...more,
  };
}

const below = (fixed: string) => [{ introduced: '0' }, { fixed }];

describe('an OSV record meets what runs', () => {
  test('whichever of them comes first, under each of its ids', async () => {
    const aliases = ['CVE-ADV-1'];
    await ingest(osv('GHSA-adv-1', 'npm', 'adv-first', below('2.0.0'), { aliases }));
    const old = await running('old', ['pkg:npm/adv-first@1.9.0']);
    const fixed = await running('fixed', ['pkg:npm/adv-first@2.0.0']);
    expect(await old.verdict('GHSA-adv-1')).toMatch(/^AFFECTED/);
    expect(await old.verdict('CVE-ADV-1')).toMatch(/^AFFECTED/);
    expect(await fixed.verdict('GHSA-adv-1')).toMatch(/^NOT_AFFECTED/);
    const late = await running('late', ['pkg:golang/example.com/adv/late@v1.3.0']);
    await ingest(osv('GO-adv-1', 'Go', 'example.com/adv/late', below('1.4.0')));
    expect(await late.verdict('GO-adv-1')).toMatch(/^AFFECTED/);
  });

  test('by the newest record of an id, in whatever order they come', async () => {
    const first = osv('OSV-adv-2', 'npm', 'adv-second', below('3.0.0'));
    const corrected = osv('OSV-adv-2', 'npm', 'adv-second', below('1.5.0'), {
      modified: '2026-02-02T00:00:00Z',
    });
    const runs = await running('corrected', ['pkg:npm/adv-second@2.0.0']);
    await ingest(corrected);
    expect(await runs.verdict('OSV-adv-2')).toMatch(/^NOT_AFFECTED/);
    await ingest(first);
    expect(await runs.verdict('OSV-adv-2')).toMatch(/^NOT_AFFECTED/);
  });

  test('no more once it is withdrawn, and again once it is reinstated', async () => {
    const runs = await running('withdrawn', ['pkg:npm/adv-third@1.0.0']);
    const record = osv('OSV-adv-3', 'npm', 'adv-third', below('2.0.0'));
    const [withdrawn, modified] = ['2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z'];
    await ingest(record);
    expect(await runs.verdict('OSV-adv-3')).toMatch(/^AFFECTED/);
    await ingest({ ...record, modified, withdrawn });
    expect(await runs.verdict('OSV-adv-3')).not.toMatch(/^AFFECTED/);
    await ingest({ ...record, modified: '2026-03-01T00:00:00Z' });
    expect(await runs.verdict('OSV-adv-3')).toMatch(/^AFFECTED/);
  });

  test('and clears nothing where it cannot be compared', async () => {
    const runs = await running('commits', ['pkg:npm/adv-fourth@1.0.0']);
    await ingest({
      ...{ schema_version: '1.7.3', id: 'OSV-adv-4', modified: '2026-01-02T00:00:00Z' },
      affected: [
        {
          ranges: [{ type: 'GIT', repo: 'https://git.example/adv', events: [{ introduced: '0' }] }],
        },
      ],
    });
    expect(await runs.verdict('OSV-adv-4')).toMatch(/^UNKNOWN/);
    await ingest({
      ...{ schema_version: '1.7.3', id: 'OSV-adv-5', modified: '2026-01-02T00:00:00Z' },
      affected: [{ package: { ecosystem: 'npm', name: 'adv-fourth' } }],
    });
    expect(await runs.verdict('OSV-adv-5')).toMatch(/^UNKNOWN/);
    const modified = '2026-01-02T00:00:00Z';
    await ingest({ schema_version: '1.7.3', id: 'OSV-adv-6', modified });
    expect(await runs.verdict('OSV-adv-6')).toMatch(/^UNKNOWN/);
  });
});

test('an SPDX document says what an image contains, as CycloneDX does', async () => {
  const scope = 'advisories-spdx';
  const digest = sha256(scope);
  const source = `https://ops.${scope}.example`;
  const purl = (id: string, locator: string) => ({
    ...{ SPDXID: `SPDXRef-${id}`, name: id, versionInfo: '1.0.0' },
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: locator },
    ],
  });
  await ingest(osv('OSV-adv-spdx', 'npm', 'adv-spdx', below('2.0.0')), {
    ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'it' },
    creationInfo: { created: '2026-05-01T00:00:00Z' },
    packages: [
      purl('root', `pkg:oci/app@sha256%3A${digest}`),
      purl('lib', 'pkg:npm/adv-spdx@1.0.0'),
    ],
    relationships: [
      ...[
        ['SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-root'],
        ['SPDXRef-root', 'CONTAINS', 'SPDXRef-lib'],
      ].map(([spdxElementId, relationshipType, relatedSpdxElement]) => ({
        ...{ spdxElementId, relationshipType, relatedSpdxElement },
      })),
    ],
  });
  const data = { deployment: 'it', artifacts: [`sha256:${digest}`], environment: 'prod', scope };
  await field.post([
    {
      ...{ specversion: '1.0', id: 'd-spdx', source, type: 'deployment.created' },
      ...{ time: '2026-05-01T10:00:00Z', data },
    },
  ]);
  const { affected } = await field.impact('OSV-adv-spdx', { environments: [`${scope}/prod`] });
  expect(affected).toEqual([`${source}#it`]);
  await ingest(osv('OSV-adv-spdx-2', 'npm', 'adv-spdx', below('0.9.0')));
  const clear = await field.impact('OSV-adv-spdx-2', { environments: [`${scope}/prod`] });
  expect(clear.notAffected).toEqual([`${source}#it`]);
});

describe('an OpenVEX document', () => {
  const vex = (
    vulnerability: string,
    product: object,
    status: string,
    timestamp = '2026-04-01T00:00:00Z',
  ) => ({
    ...{
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': `https://vex.example/${vulnerability}`,
    },
    ...{ author: 'The team', timestamp, version: 1 },
    statements: [
      {
        ...{ vulnerability: { name: vulnerability }, products: [product], status },
        justification: 'vulnerable_code_not_in_execute_path',
      },
    ],
  });

  test('clears the product that it names, and not another one with the same component', async () => {
    const purl = 'pkg:npm/adv-vex@1.0.0';
    await ingest(osv('CVE-ADV-VEX', 'npm', 'adv-vex', below('2.0.0')));
    const [mine, other] = [await running('vex-mine', [purl]), await running('vex-other', [purl])];
    expect(await mine.verdict('CVE-ADV-VEX')).toMatch(/^AFFECTED/);
    await ingest(
      vex('CVE-ADV-VEX', { '@id': mine.image, subcomponents: [{ '@id': purl }] }, 'not_affected'),
    );
    expect(await mine.verdict('CVE-ADV-VEX')).toMatch(/^NOT_AFFECTED/);
    expect(await other.verdict('CVE-ADV-VEX')).toMatch(/^AFFECTED/);
  });

  test('is outlived by a later one, in whatever order they come', async () => {
    const purl = 'pkg:npm/adv-vex-later@1.0.0';
    await ingest(osv('CVE-ADV-LATER', 'npm', 'adv-vex-later', below('2.0.0')));
    const runs = await running('vex-later', [purl]);
    const product = { '@id': runs.image, subcomponents: [{ '@id': purl }] };
    await ingest(vex('CVE-ADV-LATER', product, 'affected', '2026-04-02T00:00:00Z'));
    await ingest(vex('CVE-ADV-LATER', product, 'not_affected', '2026-04-01T00:00:00Z'));
    expect(await runs.verdict('CVE-ADV-LATER')).toMatch(/^AFFECTED/);
  });

  test('says that a product is affected where no advisory does', async () => {
    const runs = await running('vex-alone', ['pkg:npm/adv-alone@1.0.0']);
    await ingest(vex('CVE-ADV-ALONE', { '@id': 'pkg:npm/adv-alone@1.0.0' }, 'affected'));
    expect(await runs.verdict('CVE-ADV-ALONE')).toMatch(/^AFFECTED/);
  });
});

describe('a document that is not in JSON', () => {
  test('is an advisory in YAML', async () => {
    const runs = await running('yaml', ['pkg:npm/adv-yaml@1.10.0']);
    const yaml = (id: string, fixed: string) =>
      `id: ${id}\nmodified: 2026-01-02T00:00:00Z\naffected:\n- package: {ecosystem: npm, name: adv-yaml}\n` +
      `  ranges:\n  - type: SEMVER\n    events:\n    - introduced: 0\n    - fixed: ${fixed}\n`;
    await ingest(yaml('OSV-adv-yaml-1', '1.11.0'), yaml('OSV-adv-yaml-2', '1.9.0'));
    expect(await runs.verdict('OSV-adv-yaml-1')).toMatch(/^AFFECTED/);
    expect(await runs.verdict('OSV-adv-yaml-2')).toMatch(/^NOT_AFFECTED/);
  });

  /** What an SBOM of an image says of an advisory, once the image runs. */
  async function verdictBy(name: string, sbom: (digest: string) => string): Promise<string[]> {
    const scope = `advisories-${name}`;
    const source = `https://ops.${scope}.example`;
    const digest = sha256(scope);
    await ingest(
      sbom(digest),
      osv(`OSV-adv-${name}-1`, 'npm', `adv-${name}`, below('2.0.0')),
      osv(`OSV-adv-${name}-2`, 'npm', `adv-${name}`, below('0.9.0')),
    );
    const data = { deployment: 'it', artifacts: [`sha256:${digest}`], environment: 'prod', scope };
    const event = { specversion: '1.0', id: `d-${name}`, source, type: 'deployment.created' };
    await field.post([{ ...event, time: '2026-05-01T10:00:00Z', data }]);
    const environments = [`${scope}/prod`];
    const verdicts: string[] = [];
    for (const id of [`OSV-adv-${name}-1`, `OSV-adv-${name}-2`]) {
      const { affected, notAffected } = await field.impact(id, { environments });
      verdicts.push(
        affected.length > 0 ? 'AFFECTED' : notAffected.length > 0 ? 'NOT_AFFECTED' : 'UNKNOWN',
      );
    }
    return verdicts;
  }

  const tagValue = (digest: string, more = '') => `SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentName: it
Created: 2026-05-01T00:00:00Z
PackageName: app
SPDXID: SPDXRef-app
PackageChecksum: SHA256: ${digest}
PackageName: lib
SPDXID: SPDXRef-lib
PackageVersion: 1.0.0
ExternalRef: PACKAGE-MANAGER purl pkg:npm/adv-tags@1.0.0
${more}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-app CONTAINS SPDXRef-lib
`;

  test('is an SBOM of SPDX as tags and values', async () => {
    expect(await verdictBy('tags', (digest) => tagValue(digest))).toEqual([
      'AFFECTED',
      'NOT_AFFECTED',
    ]);
  });

  test('clears nothing where a line of it cannot be read', async () => {
    const odd = (digest: string) =>
      tagValue(digest, 'PackageNme: ghost').replace('adv-tags', 'adv-odd-tags');
    expect(await verdictBy('odd-tags', odd)).toEqual(['AFFECTED', 'UNKNOWN']);
  });

  test('is an SBOM of CycloneDX in XML', async () => {
    const xml = (digest: string) => `<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
  <metadata><component type="container" bom-ref="root"><name>app</name>
    <hashes><hash alg="SHA-256">${digest}</hash></hashes></component></metadata>
  <components><component type="library" bom-ref="lib"><name>lib</name><version>1.0.0</version>
    <purl>pkg:npm/adv-xml@1.0.0</purl></component></components>
  <compositions><composition><aggregate>complete</aggregate>
    <assemblies><assembly ref="root"/></assemblies></composition></compositions>
</bom>`;
    expect(await verdictBy('xml', xml)).toEqual(['AFFECTED', 'NOT_AFFECTED']);
  });
});

describe('a CSAF document', () => {
  type Status = Record<string, readonly string[]>;
  const csaf = (name: string, version: number, status: Status, products: object = {}) => ({
    document: {
      ...{ category: 'csaf_vex', csaf_version: '2.0', title: name },
      publisher: { category: 'vendor', name: 'V', namespace: 'https://vendor.advisories.example' },
      tracking: {
        ...{ id: name, status: 'final', version: String(version), revision_history: [] },
        current_release_date: `2026-03-0${version}T00:00:00Z`,
      },
    },
    product_tree: {
      full_product_names: Object.entries({
        lib: { purl: `pkg:npm/adv-${name}@1.0.0` },
        next: { purl: `pkg:npm/adv-${name}@1.1.0` },
        rhel: { cpe: 'cpe:/o:redhat:enterprise_linux:9' },
        ...products,
      }).map(([id, helper]) => ({
        ...{ product_id: id, name: id, product_identification_helper: helper },
      })),
      relationships: [
        {
          ...{ category: 'default_component_of', product_reference: 'lib' },
          relates_to_product_reference: 'rhel',
          full_product_name: { name: 'lib in RHEL', product_id: 'rhel:lib' },
        },
      ],
    },
    vulnerabilities: [{ cve: `CVE-ADV-${name}`, product_status: status }],
  });

  test('affects, and clears, what it names by package URL', async () => {
    const [lib, next] = [
      await running('csaf-lib', ['pkg:npm/adv-csaf-one@1.0.0']),
      await running('csaf-next', ['pkg:npm/adv-csaf-one@1.1.0']),
    ];
    await ingest(csaf('csaf-one', 1, { known_affected: ['lib'], fixed: ['next'] }));
    expect(await lib.verdict('CVE-ADV-csaf-one')).toMatch(/^AFFECTED/);
    expect(await next.verdict('CVE-ADV-csaf-one')).toMatch(/^NOT_AFFECTED/);
  });

  test('clears neither a version below the fixed one nor one that it does not list', async () => {
    const older = await running('csaf-older', ['pkg:npm/adv-csaf-two@0.9.0']);
    await ingest(csaf('csaf-two', 1, { fixed: ['next'] }));
    expect(await older.verdict('CVE-ADV-csaf-two')).toMatch(/^UNKNOWN/);
    const other = await running('csaf-other', ['pkg:npm/adv-csaf-three@7.0.0']);
    await ingest(csaf('csaf-three', 1, { known_affected: ['lib'] }));
    expect(await other.verdict('CVE-ADV-csaf-three')).toMatch(/^UNKNOWN/);
  });

  test('leaves open what it affects by CPE alone, and clears nothing as a part of it', async () => {
    const runs = await running('csaf-cpe', ['pkg:npm/adv-csaf-cpe@1.0.0']);
    const elsewhere = await running('csaf-elsewhere', ['pkg:npm/adv-csaf-elsewhere@1.0.0']);
    await ingest(
      osv('CVE-ADV-csaf-cpe', 'npm', 'adv-csaf-cpe', below('2.0.0')),
      csaf('csaf-cpe', 1, { known_not_affected: ['rhel:lib'], known_affected: ['rhel'] }),
    );
    expect(await runs.verdict('CVE-ADV-csaf-cpe')).toMatch(/^AFFECTED/);
    expect(await elsewhere.verdict('CVE-ADV-csaf-cpe')).toMatch(/^UNKNOWN/);
  });

  test('is replaced by its later version, in whatever order they come', async () => {
    const runs = await running('csaf-later', ['pkg:npm/adv-csaf-later@1.0.0']);
    const [affected, cleared] = [{ known_affected: ['lib'] }, { known_not_affected: ['lib'] }];
    await ingest(
      osv('CVE-ADV-csaf-later', 'npm', 'adv-csaf-later', below('2.0.0')),
      csaf('csaf-later', 2, cleared),
      csaf('csaf-later', 1, affected),
    );
    expect(await runs.verdict('CVE-ADV-csaf-later')).toMatch(/^NOT_AFFECTED/);
    await ingest(csaf('csaf-later', 3, affected));
    expect(await runs.verdict('CVE-ADV-csaf-later')).toMatch(/^AFFECTED/);
    await ingest(csaf('csaf-later', 4, cleared));
    expect(await runs.verdict('CVE-ADV-csaf-later')).toMatch(/^NOT_AFFECTED/);
    await ingest({ ...csaf('csaf-later', 5, {}), vulnerabilities: [] });
    expect(await runs.verdict('CVE-ADV-csaf-later')).toMatch(/^AFFECTED/);
  });

  test('ends what it affected when its later version does not say so any more', async () => {
    const runs = await running('csaf-ends', ['pkg:npm/adv-csaf-ends@1.0.0']);
    await ingest({ ...csaf('csaf-ends', 2, {}), vulnerabilities: [] });
    await ingest(csaf('csaf-ends', 1, { known_affected: ['lib'] }));
    expect(await runs.verdict('CVE-ADV-csaf-ends')).toMatch(/^UNKNOWN/);
  });
});

describe("a scanner's finding", () => {
  const report = (id: string, PURL: string) => ({
    ...{ SchemaVersion: 2, ArtifactName: 'app', CreatedAt: '2026-05-02T00:00:00Z' },
    Results: [
      {
        ...{ Target: 'app', Type: 'node-pkg' },
        Vulnerabilities: [
          {
            VulnerabilityID: id,
            PkgName: 'it',
            InstalledVersion: '1.0.0',
            PkgIdentifier: { PURL },
          },
        ],
      },
    ],
  });

  test('affects what it names, as the scanner claims, and what it does not find is not cleared', async () => {
    const found = await running('found', ['pkg:npm/adv-found@1.0.0']);
    const other = await running('found-other', [
      'pkg:npm/adv-found@1.1.0',
      'pkg:npm/adv-else@1.0.0',
    ]);
    await ingest(report('CVE-ADV-FOUND', 'pkg:npm/adv-found@1.0.0'));
    expect(await found.verdict('CVE-ADV-FOUND')).toMatch(/^AFFECTED/);
    expect(await other.verdict('CVE-ADV-FOUND')).toMatch(/^UNKNOWN NOTHING_STATED/);
    await ingest(report('CVE-ADV-NONE', 'pkg:npm/adv-nobody-has@1.0.0'));
    expect(await found.verdict('CVE-ADV-NONE')).toMatch(/^UNKNOWN/);
  });

  test('leaves an advisory to clear what its ranges clear', async () => {
    const other = await running('found-range', ['pkg:npm/adv-found-range@3.0.0']);
    await ingest(
      report('CVE-ADV-FOUND-RANGE', 'pkg:npm/adv-found-range@1.0.0'),
      osv('CVE-ADV-FOUND-RANGE', 'npm', 'adv-found-range', below('2.0.0')),
    );
    expect(await other.verdict('CVE-ADV-FOUND-RANGE')).toMatch(/^NOT_AFFECTED/);
  });

  test('is not believed where VEX clears the product', async () => {
    const runs = await running('found-vex', ['pkg:npm/adv-found-vex@1.0.0']);
    await ingest(report('CVE-ADV-FOUND-VEX', 'pkg:npm/adv-found-vex@1.0.0'), {
      ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://vex.example/found' },
      ...{ author: 'The team', timestamp: '2026-04-01T00:00:00Z', version: 1 },
      statements: [
        {
          ...{ vulnerability: { name: 'CVE-ADV-FOUND-VEX' }, status: 'not_affected' },
          products: [{ '@id': 'pkg:npm/adv-found-vex@1.0.0' }],
          justification: 'component_not_present',
        },
      ],
    });
    expect(await runs.verdict('CVE-ADV-FOUND-VEX')).toMatch(/^NOT_AFFECTED/);
  });
});
