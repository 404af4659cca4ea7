import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';
import { createRepository } from '../../support/git-repository.ts';

let field: Field;
let root: string;
beforeAll(async () => {
  field = await startField();
  root = mkdtempSync(join(tmpdir(), 'stemma-git-'));
});
afterAll(async () => {
  await field.stop();
  rmSync(root, { recursive: true, force: true });
});

const SOURCE = 'https://ci.example/clocks';
const seconds = (date: string) => Date.parse(date) / 1000;

/** A build and a deployment of a commit, in an environment of their own. */
function released(commit: string, scope: string, time: string): object[] {
  const event = (type: string, id: string, data: object) => ({
    ...{ specversion: '1.0', source: SOURCE, type, time, id: `${scope}-${id}`, data },
  });
  const digest = `sha256:${commit.slice(0, 32).repeat(2)}`;
  return [
    event('build.completed', 'b', {
      ...{ build: `${SOURCE}/${scope}`, commit, outcome: 'success', artifacts: [{ digest }] },
    }),
    event('deployment.completed', 'd', { deployment: scope }),
    event('deployment.created', 'c', {
      ...{ deployment: scope, artifacts: [digest], environment: 'production', scope },
    }),
  ];
}

describe('the parents of a commit do not depend on any clock', () => {
  test.each([
    ['far ahead', '4102444800 +0000'],
    ['in 1970', '0 +0000'],
    ['before 1970', '-86400 +0000'],
    ['later than what follows it', `${seconds('2050-01-01')} -0700`],
    ['beyond every calendar', '99999999999999 +0000'],
    ['out of 64 bits', '99999999999999999999999 +0000'],
    ['no time', 'yesterday +0000'],
  ])('where one in between is dated %s', async (what, date) => {
    const scope = `clocks-${what.replaceAll(' ', '-')}`;
    const repository = createRepository(join(root, scope), `https://git.example/field/${scope}`);
    const time = `${seconds('2018-01-01')} +0000`;
    const first = repository.write({ authored: time, message: `${what}\n` });
    const odd = repository.write({ parents: [first], authored: date });
    const head = repository.write({
      ...{ parents: [odd], authored: `${seconds('2018-02-01')} +0000` },
    });
    repository.point('refs/heads/main', head);
    expect(await field.ingest(['git', repository.dir])).toMatchObject({ exitCode: 0 });
    await field.post(released(head, scope, '2018-03-01T00:00:00Z'));
    for (const asOf of [{}, { asOf: { valid: '2018-04-01T00:00:00Z' } }]) {
      const options = { environments: [`${scope}/production`], ...asOf };
      expect(await field.isDeployed(first, options)).toEqual({ [`${scope}/production`]: true });
    }
    const { parents } = await field.resolve(odd, '... on Commit { parents { nodes { key } } }');
    expect(parents.nodes).toEqual([{ key: first }]);
  });

  test('nor on that of who reports it, and their claim says so', async () => {
    const parent = 'c10c'.repeat(10);
    const child = 'c10d'.repeat(10);
    const [receipt] = await field.post([
      {
        ...{ specversion: '1.0', source: SOURCE, id: 'late', type: 'source.commit.created' },
        ...{ time: '2030-01-01T00:00:00Z', data: { commit: child, parents: [parent] } },
      },
    ]);
    expect(receipt.status).toBe('APPLIED');
    await field.post(released(child, 'clocks-late', '2018-03-01T00:00:00Z'));
    const options = {
      ...{ environments: ['clocks-late/production'], asOf: { valid: '2018-04-01T00:00:00Z' } },
    };
    expect(await field.isDeployed(parent, options)).toEqual({ 'clocks-late/production': true });
    const { neighbors } = await field.resolve(
      child,
      'neighbors(types: [PARENT], direction: OUT) { edges { claims { claim validFrom } } }',
    );
    expect(neighbors.edges).toEqual([{ claims: [{ claim: `${SOURCE} late`, validFrom: null }] }]);
  });
});
