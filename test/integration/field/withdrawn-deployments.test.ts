import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { migrate } from '../../../src/graph/migrate.ts';
import { parseStatement } from '../../../src/graph/statement.ts';
import { startField, type Field } from '../../support/field.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/** What is withdrawn of deployments does not count any more, in states, lists and figures; before the withdrawal it did. */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

let count = 0;

/** A source with one environment; times are of May 2026, as `02T10:00`. */
function world(name: string) {
  const source = `https://cd.${name}.example`;
  const environment = `${name}/prod`;
  const event = (type: string, time: string, data: object) => {
    count += 1;
    const envelope = { specversion: '1.0', id: `e${count}`, source, type };
    return { ...envelope, time: `2026-05-${time}:00Z`, data };
  };
  const created = (deployment: string, time: string, rest = {}) =>
    event('deployment.created', time, {
      ...{ deployment, artifacts: [`sha256:${sha256(`${name} ${deployment}`)}`] },
      ...{ environment: 'prod', scope: name, ...rest },
    });
  const told = (what: string, deployment: string, time: string) =>
    event(`deployment.${what}`, time, { deployment });
  const withdrawn = ({ id }: { id: string }, time: string) =>
    event('claim.withdrawn', time, { claim: `${source} ${id}`, reason: 'told by mistake' });
  const send = async (...events: readonly object[]) => {
    const receipts = await field.post(events);
    expect(receipts.filter(({ status }) => status !== 'APPLIED')).toEqual([]);
  };
  const selection = '... on Deployment { state completedAt failedAt rolledBackAt }';
  const now = async (deployment: string) =>
    field.resolve(`Deployment:${source}#${deployment}`, selection);
  const at = async (deployment: string, time: string) => {
    const { entityAt } = await field.ask(
      `query ($id: ID!, $valid: DateTime!) { entityAt(id: $id, asOf: {valid: $valid}) { ${selection} } }`,
      {
        id: await field.idOf(`Deployment:${source}#${deployment}`),
        valid: `2026-05-${time}:00Z`,
      },
    );
    return entityAt.state as string | null;
  };
  const inState = async (state: string) => {
    const { deployments } = await field.ask(
      `query ($in: String!, $state: DeploymentState!) {
         deployments(environment: $in, state: $state) { nodes { key } } }`,
      { in: environment, state },
    );
    return deployments.nodes.map(({ key }: { key: string }) => key.replace(/^.*#/, ''));
  };
  const figures = async (since = '01', until = '31') => {
    const { statistics } = await field.ask(
      `query ($in: String!, $since: DateTime!, $until: DateTime!) {
         statistics(since: $since, until: $until, environment: $in) {
           deployments { succeeded failed rolledBack changeFailureRate } } }`,
      {
        in: environment,
        since: `2026-05-${since}T00:00:00Z`,
        until: `2026-05-${until}T00:00:00Z`,
      },
    );
    return statistics.deployments;
  };
  return { event, created, told, withdrawn, send, now, at, inState, figures };
}

describe('what is withdrawn counts no longer', () => {
  test('a completion: the deployment waits again, and was complete before', async () => {
    const { created, told, withdrawn, send, now, at, inState, figures } = world('unsaid1');
    const completed = told('completed', 'b', '02T10:05');
    await send(created('a', '01T10:00'), told('completed', 'a', '01T10:05'));
    await send(created('b', '02T10:00'), completed);
    expect(await figures()).toMatchObject({ succeeded: 2 });
    await send(withdrawn(completed, '03T10:00'));
    expect(await now('b')).toEqual({
      ...{ state: 'CREATED', completedAt: null, failedAt: null, rolledBackAt: null },
    });
    expect([await at('b', '02T12:00'), await at('b', '04T12:00')]).toEqual([
      'COMPLETED',
      'CREATED',
    ]);
    expect([await inState('COMPLETED'), await inState('CREATED')]).toEqual([['a'], ['b']]);
    expect(await figures()).toMatchObject({ succeeded: 1, failed: 0 });
  });

  test('a creation that its source takes back: nothing is left of the deployment, in any order', async () => {
    for (const name of ['unsaid2', 'unsaid3']) {
      const { created, told, withdrawn, send, now, at, inState, figures } = world(name);
      const creation = created('b', '02T10:00');
      const events = [
        ...[created('a', '01T10:00'), creation, told('completed', 'b', '02T10:05')],
        withdrawn(creation, '03T10:00'),
      ];
      for (const event of name === 'unsaid2' ? events : events.toReversed()) await send(event);
      expect((await now('b')).state).toBeNull();
      expect(await at('b', '02T12:00')).toBe('COMPLETED');
      expect([await inState('COMPLETED'), await inState('CREATED')]).toEqual([[], ['a']]);
      expect(await figures()).toMatchObject({ succeeded: 1 });
    }
  });

  test('a failure and a rollback: the completion before them is the last word', async () => {
    const { created, told, withdrawn, send, now, figures } = world('unsaid4');
    const [failed, undone] = [told('failed', 'a', '01T10:10'), told('rolledback', 'b', '02T10:10')];
    await send(created('a', '01T10:00'), told('completed', 'a', '01T10:05'), failed);
    await send(created('b', '02T10:00'), told('completed', 'b', '02T10:05'), undone);
    expect(await figures()).toMatchObject({ succeeded: 1, failed: 1, rolledBack: 1 });
    await send(withdrawn(failed, '03T10:00'), withdrawn(undone, '03T10:00'));
    expect([(await now('a')).state, (await now('b')).state]).toEqual(['COMPLETED', 'COMPLETED']);
    expect(await figures()).toMatchObject({ succeeded: 2, failed: 0, rolledBack: 0 });
  });

  test('of several completions, only the one that was meant', async () => {
    const { created, told, withdrawn, send, now } = world('unsaid5');
    const again = told('completed', 'a', '02T10:05');
    await send(created('a', '01T10:00'), told('completed', 'a', '01T10:05'), again);
    await send(withdrawn(again, '03T10:00'));
    expect(await now('a')).toMatchObject({
      ...{ state: 'COMPLETED', completedAt: '2026-05-01T10:05:00.000Z' },
    });
  });
});

describe('a rollback is that of the deployment that it undoes', () => {
  const rollback = { rollback: true };

  test('in the span of that deployment, and not in its own', async () => {
    const { created, told, send, figures } = world('undone1');
    await send(
      ...[created('v1', '01T10:00'), told('completed', 'v1', '01T10:05')],
      ...[created('v2', '02T10:00'), told('completed', 'v2', '02T10:05')],
      ...[created('back', '12T10:00', rollback), told('completed', 'back', '12T10:05')],
    );
    expect(await figures('01', '10')).toEqual({
      ...{ succeeded: 2, failed: 0, rolledBack: 1, changeFailureRate: 0.5 },
    });
    expect(await figures('10', '20')).toEqual({
      ...{ succeeded: 0, failed: 0, rolledBack: 0, changeFailureRate: null },
    });
  });

  test('one that undoes what was said to be rolled back is not counted again, one after it undoes the one before', async () => {
    const { created, told, send, figures } = world('undone2');
    const done = (deployment: string, day: string, rest = {}) => [
      created(deployment, `${day}T10:00`, rest),
      told('completed', deployment, `${day}T10:05`),
    ];
    await send(
      ...[...done('v1', '01'), ...done('v2', '02'), ...done('v3', '03')],
      told('rolledback', 'v3', '04T09:00'),
      ...[...done('back1', '04', rollback), ...done('back2', '05', rollback)],
    );
    expect(await figures()).toEqual({
      ...{ succeeded: 3, failed: 0, rolledBack: 2, changeFailureRate: 2 / 3 },
    });
  });

  test('one that is withdrawn undoes nothing, and neither does one in another slot', async () => {
    const { created, told, withdrawn, send, figures } = world('undone3');
    const back = created('back', '03T10:00', rollback);
    await send(
      ...[created('v1', '01T10:00'), told('completed', 'v1', '01T10:05')],
      ...[back, told('completed', 'back', '03T10:05')],
      created('other', '03T11:00', { ...rollback, service: 'web' }),
      told('completed', 'other', '03T11:05'),
    );
    expect(await figures()).toMatchObject({ succeeded: 1, rolledBack: 1 });
    await send(withdrawn(back, '04T10:00'));
    expect(await figures()).toMatchObject({ succeeded: 1, rolledBack: 0 });
  });
});

test('a graph that was written before withdrawals were marked is marked at the first start', async () => {
  const { send, created, told, withdrawn, inState } = world('withdrawn-unmarked');
  const wrong = told('completed', 'd1', '01T11:00');
  await send(created('d1', '01T10:00'), wrong, withdrawn(wrong, '02T10:00'));
  const pipeline = await createPipeline(sharedServers());
  const { graph, statements } = pipeline;
  const run = async (text: string) =>
    graph.execute(parseStatement('before', `// params: key\n// returns: -\n${text}`), {
      key: `${wrong.source} ${wrong.id}`,
    });
  try {
    await run('MATCH (w:Withdrawal {key: $key}) REMOVE w.ofEvent');
    await run("MATCH (m:Migration {key: 'schema/010-withdrawals'}) WHERE $key <> '' DELETE m");
    await migrate(graph, statements);
  } finally {
    await pipeline.stop();
  }
  expect(await inState('COMPLETED')).toEqual([]);
  expect(await inState('CREATED')).toEqual(['d1']);
});
