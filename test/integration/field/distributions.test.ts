import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

/** An image that runs, with an SBOM that lists one package. */
async function deploy(name: string, purl: string): Promise<string> {
  const image = `sha256:${createHash('sha256').update(name).digest('hex')}`;
  const content = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: { component: { type: 'container', name, version: image } },
    components: [{ type: 'library', name, purl }],
  });
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const base = { specversion: '1.0', source: `https://ci.example/${name}` };
  const receipts = await field.post([
    { ...base, id: '1', type: 'document.submitted', data: { digest, content } },
    {
      ...{ ...base, id: '2', type: 'deployment.created' },
      data: { deployment: 'd', artifacts: [image], environment: 'prod', scope: name },
    },
  ]);
  expect(receipts.map(({ status }) => status)).toEqual(['APPLIED', 'APPLIED']);
  return `${base.source}#d`;
}

test.each([
  ['rpm', 'redhat', 'rhel', '1.1.1k-6.el8'],
  ['rpm', 'amazon', 'amzn', '1.0-1'],
  ['rpm', 'rhel', 'redhat', '1.0-1'],
  ['alpm', 'arch', 'archlinux', '1.0-1'],
])(
  'a package of a distribution is found under each name of its vendor: %s, %s as %s',
  async (type, vendor, other, version) => {
    const name = `dist-${vendor}-lib`;
    const deployment = await deploy(name, `pkg:${type}/${vendor}/${name}@${version}`);
    const environments = [`${name}/prod`];
    for (const asked of [name, `${name}@${version}`]) {
      const ref = `pkg:${type}/${other}/${asked}`;
      expect(await field.resolve(ref, 'key')).toEqual({ key: `pkg:${type}/${vendor}/${asked}` });
      expect((await field.impact(ref, { environments })).affected).toEqual([deployment]);
      const { search } = await field.ask(`{ search(text: "${ref}", first: 5) { nodes { key } } }`);
      expect(search.nodes).toContainEqual({ key: `pkg:${type}/${vendor}/${asked}` });
    }
  },
);

test('the spelling that is asked for comes first, and another distribution is not meant', async () => {
  await deploy('dist-both', 'pkg:rpm/redhat/dist-both@1.0-1');
  await deploy('dist-both-too', 'pkg:rpm/rhel/dist-both@1.0-1');
  const ref = 'pkg:rpm/rhel/dist-both';
  expect(await field.resolve(ref, 'key')).toEqual({ key: ref });
  expect(await field.resolve('pkg:rpm/fedora/dist-both', 'key')).toBeNull();
  expect(await field.resolve('pkg:npm/rhel/dist-both', 'key')).toBeNull();
});
