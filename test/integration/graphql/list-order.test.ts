import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- the query decides the shape */

const SOURCE = 'https://ci.list-order.example';
const REPOSITORY = 'https://git.list-order.example/shop';
const file = (name: string) => `sha256:${sha256(`list-order ${name}`)}`;
const commit = (name: string) => sha256(`list-order ${name}`).slice(0, 40);

let field: Field;
let count = 0;
const tell = (type: string, day: string, data: object) => {
  count += 1;
  const envelope = { specversion: '1.0', id: `e${count}`, source: SOURCE, type };
  return { ...envelope, time: `1997-05-${day}T10:00:00Z`, data };
};

/** In the order of their keys the days are mixed up, and two things are of one day. */
const DAYS: Readonly<Record<string, string>> = { a: '05', b: '02', c: '09', d: '02', e: '07' };

beforeAll(async () => {
  field = await startField();
  const receipts = await field.post([
    ...Object.entries(DAYS).flatMap(([name, day]) => [
      tell('source.commit.created', day, {
        ...{ commit: commit(name), repository: REPOSITORY, message: name },
        committedAt: `1997-05-${day}T09:00:00Z`,
      }),
      tell('build.completed', day, {
        ...{ build: `${SOURCE}/runs/${name}`, commit: commit(name), outcome: 'success' },
        ...{ startedAt: `1997-05-${day}T09:30:00Z`, name: 'list-order' },
        artifacts: [{ digest: file(name) }],
      }),
      tell('artifact.created', day, { digest: file(name), name: `list-order-${name}` }),
      tell('deployment.created', day, {
        ...{ deployment: name, artifacts: [file(name)], environment: 'prod' },
        ...{ scope: 'list-order', service: name },
      }),
      tell('vulnerability.detected', day, {
        ...{ vulnerability: `LIST-ORDER-${name}`, affects: [file(name)] },
        publishedAt: `1997-05-${day}T08:00:00Z`,
      }),
    ]),
    // nobody says when this one was committed
    tell('build.completed', '20', {
      ...{ build: `${SOURCE}/runs/late`, outcome: 'success', name: 'list-order' },
      ...{ commit: commit('a'), artifacts: [] },
    }),
  ]);
  for (const { status } of receipts) expect(status).toBe('APPLIED');
});
afterAll(() => field.stop());

/** Each list with how the name of one of its things is told. */
const LISTS: readonly (readonly [list: string, filter: string, nameOf: (key: string) => string])[] =
  [
    ['commits', `repository: "${REPOSITORY}"`, nameIn(commit)],
    ['builds', 'namePrefix: "list-order"', (key) => key.slice(key.lastIndexOf('/') + 1)],
    ['builds', `repository: "${REPOSITORY}"`, (key) => key.slice(key.lastIndexOf('/') + 1)],
    ['artifacts', 'namePrefix: "list-order-"', nameIn(file)],
    ['deployments', 'environment: "list-order/prod"', (key) => key.slice(key.lastIndexOf('#') + 1)],
    ['deployments', 'environment: "list-order/prod", live: true', (key) => key.slice(-1)],
    ['vulnerabilities', 'idPrefix: "LIST-ORDER-"', (key) => key.slice(-1)],
  ];

function nameIn(keyOf: (name: string) => string): (key: string) => string {
  return (key) => Object.keys(DAYS).find((name) => keyOf(name) === key) ?? key;
}

describe.each(LISTS)('%s(%s)', (list, filter, nameOf) => {
  const read = async (page: string): Promise<any> =>
    (
      await field.ask(
        `{ ${list}(${filter}, ${page}) { totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      )
    )[list];
  const keys = ({ nodes }: { nodes: { key: string }[] }) => nodes.map(({ key }) => nameOf(key));

  it('is put in order by time, newest first and backwards, and by key without a word', async () => {
    const newest = keys(await read('orderBy: NEWEST_FIRST'));
    const dayOf = (name: string) => DAYS[name] ?? '20';
    expect(newest.map(dayOf)).toEqual(newest.map(dayOf).toSorted().toReversed());
    expect(newest.filter((name) => name !== 'late')).toHaveLength(5);
    expect(keys(await read('orderBy: OLDEST_FIRST'))).toEqual(newest.toReversed());
    const byKey = (await read('first: 50')).nodes.map(({ key }: { key: string }) => key);
    expect(byKey).toEqual(byKey.toSorted());
  });

  it('is the same list page by page, from either end', async () => {
    const whole = keys(await read('orderBy: NEWEST_FIRST'));
    const walk = async (size: 'first' | 'last', cursor: 'after' | 'before') => {
      const found: string[] = [];
      for (let place = ''; ;) {
        const page = await read(`orderBy: NEWEST_FIRST, ${size}: 2${place}`);
        if (size === 'first') found.push(...keys(page));
        else found.unshift(...keys(page));
        const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
        if (!(size === 'first' ? hasNextPage : hasPreviousPage)) return found;
        place = `, ${cursor}: "${size === 'first' ? endCursor : startCursor}"`;
      }
    };
    expect(await walk('first', 'after')).toEqual(whole);
    expect(await walk('last', 'before')).toEqual(whole);
  });

  it('says how many there are in all, whatever the page', async () => {
    const { totalCount } = await read('first: 1');
    expect(totalCount).toBe(keys(await read('first: 50')).length);
  });
});

it('a count stops at its bound, and then says that it does not know', async () => {
  const { few, enough } = await field.ask(
    `{ few: artifacts(namePrefix: "list-order-") { totalCount(upTo: 4) } enough: artifacts(namePrefix: "list-order-") { totalCount(upTo: 5) } }`,
  );
  expect([few, enough]).toEqual([{ totalCount: null }, { totalCount: 5 }]);
  const { errors } = await field.gql('{ artifacts { totalCount(upTo: 100001) } }');
  expect(errors[0]).toMatchObject({
    message: expect.stringContaining("'upTo' is 100001") as unknown,
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

it('what a thing is connected with is counted too, and the lists of answers', async () => {
  const { environments, latestDeployments } = await field.ask(
    `{ environments(scope: "list-order") { totalCount nodes { deployments(first: 2) { totalCount nodes { key artifacts { totalCount } } } } }
       latestDeployments(environment: "list-order/prod", first: 1) { totalCount } }`,
  );
  expect(latestDeployments.totalCount).toBe(5);
  expect(environments.totalCount).toBe(1);
  const { deployments } = environments.nodes[0];
  expect(deployments.totalCount).toBe(5);
  expect(deployments.nodes).toMatchObject([
    { artifacts: { totalCount: 1 } },
    { artifacts: { totalCount: 1 } },
  ]);
});

it.each([
  ['deployments(live: false)', "'totalCount' of the deployments that are not live"],
  ['unresolved', "'totalCount' of 'unresolved'"],
])('%s is not counted, since each thing would have to be looked at', async (list, message) => {
  const { errors } = await field.gql(`{ ${list} { totalCount } }`);
  expect(errors[0]).toMatchObject({
    message: expect.stringContaining(message) as unknown,
    extensions: { code: 'BAD_USER_INPUT' },
  });
});
