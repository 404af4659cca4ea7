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

async function ingest(...documents: object[]): Promise<void> {
  for (const document of documents) {
    count += 1;
    const path = join(dir, `${count}.json`);
    writeFileSync(path, JSON.stringify(document));
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
