import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const LATER = '2026-05-03T00:00:00Z';

/** An affected deployment, a VEX statement that clears it, and its withdrawal. */
function story(name: string) {
  const base = { specversion: '1.0', source: `https://vex.example/${name}` };
  const image = `sha256:${sha256(name)}`;
  const content = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    metadata: { component: { type: 'container', name, version: image } },
    components: [{ type: 'library', name, purl: `pkg:npm/${name}@1.0.0` }],
  });
  const at = (id: string, type: string, time: string, data: object) => ({
    ...{ ...base, id, type, time, data },
  });
  const deployment = { deployment: 'd', artifacts: [image], environment: 'prod', scope: name };
  const vulnerability = `CVE-${name}`;
  const affects = [`pkg:npm/${name}@1.0.0`];
  return {
    advisory: vulnerability,
    environments: [`${name}/prod`],
    known: [
      at('s', 'document.submitted', '2026-05-01T00:00:00Z', {
        digest: `sha256:${sha256(content)}`,
        content,
      }),
      at('d', 'deployment.created', '2026-05-01T00:00:00Z', deployment),
      at('a', 'vulnerability.detected', '2026-05-01T00:00:00Z', { vulnerability, affects }),
    ],
    vex: at('v', 'vulnerability.triaged', '2026-05-02T00:00:00Z', {
      ...{ vulnerability, status: 'not_affected', products: affects },
    }),
    withdrawal: at('w', 'claim.withdrawn', LATER, {
      ...{ claim: `${base.source} v`, reason: 'it was wrong' },
    }),
  };
}

test.each([
  ['after it', 'withdrawn-vex-after'],
  ['before it comes', 'withdrawn-vex-before'],
])('a VEX statement that was withdrawn %s speaks of the time before alone', async (order, name) => {
  const { advisory, environments, known, vex, withdrawal } = story(name);
  await field.post(known);
  for (const event of order === 'after it' ? [vex, withdrawal] : [withdrawal, vex]) {
    await field.post([event]);
  }
  const verdicts = async (valid?: string) => {
    const { affected, notAffected } = await field.impact(advisory, {
      ...{ environments, onlyLive: false },
      ...(valid === undefined ? {} : { asOf: { valid } }),
    });
    return [affected.length, notAffected.length];
  };
  expect(await verdicts()).toEqual([1, 0]);
  expect(await verdicts('2026-05-02T12:00:00Z')).toEqual([0, 1]);
  expect(await verdicts('2026-05-01T12:00:00Z')).toEqual([1, 0]);
  const { contains } = await field.ask(
    `query ($of: ID!) { contains(deployment: $of) { vulnerabilities { nodes { cleared vex { status } } } } }`,
    { of: await field.idOf(`Deployment:https://vex.example/${name}#d`) },
  );
  expect(contains.vulnerabilities.nodes).toEqual([{ cleared: false, vex: null }]);
});
