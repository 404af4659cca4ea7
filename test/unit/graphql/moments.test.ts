import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toId, toIdAt, tryParseIdAt } from '../../../src/graphql/ids.ts';
import type { EntityRecord } from '../../../src/graph/read/records.ts';
import { NOW } from '../../../src/model/moment.ts';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

const ref = { label: 'Deployment', key: 'https://cd.example/k18#k18' } as const;
const now: EntityRecord = { ...ref, internal: 1, completedAt: 1, rolledBackAt: 2 };
const valid = '2024-01-01T12:00:00Z';

describe('a thing at two moments (field-api 18-node-as-of-cache)', () => {
  let asked: Asked;
  beforeAll(async () => {
    asked = await createTestGraphql({
      reader: fakeReader({ byRefs: async () => new Map([[`${ref.label}:${ref.key}`, now]]) }),
      history: {
        entityAt: async (entity, at) =>
          at.valid < 0 ? null : { ...ref, internal: entity.internal, completedAt: 1 },
        standing: async () => new Map(),
        deploymentsThen: async () => new Map(),
      },
    });
  });
  afterAll(async () => asked.graphql.stop());

  const STATE = '{ __typename id ... on Deployment { state } }';

  it('has another id for each, so that a cache keeps both', async () => {
    const { data, errors } = await asked.ask(
      `query ($i: ID!) { now: node(id: $i) ${STATE} then: entityAt(id: $i, asOf: { valid: "${valid}" }) ${STATE} }`,
      { i: toId(ref) },
    );
    expect(errors).toEqual([]);
    expect(data.now).toEqual({ __typename: 'Deployment', id: toId(ref), state: 'ROLLED_BACK' });
    expect(data.then).toMatchObject({ __typename: 'Deployment', state: 'COMPLETED' });
    expect(data.then.id).not.toBe(data.now.id);

    const again = await asked.ask(
      `query ($i: ID!) { node(id: $i) ${STATE} nodes(ids: [$i]) ${STATE} }`,
      { i: data.then.id },
    );
    expect(again.data).toEqual({ node: data.then, nodes: [data.then] });
    const back = await asked.ask(`query ($i: String!) { resolve(ref: $i) ${STATE} }`, {
      i: data.then.id,
    });
    expect(back.data.resolve).toEqual(data.now);
  });

  it('has the id of now where the moment is now', async () => {
    const { data } = await asked.ask(`query ($i: ID!) { entityAt(id: $i, asOf: {}) ${STATE} }`, {
      i: toId(ref),
    });
    expect(data.entityAt).toMatchObject({ id: toId(ref), state: 'ROLLED_BACK' });
  });

  it('is null before anything was heard of it', async () => {
    const { data, errors } = await asked.ask(
      `query ($i: ID!) { entityAt(id: $i, asOf: { valid: "1960-01-01T00:00:00Z" }) { id } }`,
      { i: toId(ref) },
    );
    expect([data, errors]).toEqual([{ entityAt: null }, []]);
  });

  it('is refused where a question has a moment of its own, with the id to give', async () => {
    const id = toIdAt(ref, { ...NOW, known: 7 });
    const answer = await asked.ask(
      'query ($i: ID!) { lineage(of: $i, direction: UPSTREAM) { truncated } }',
      { i: id },
    );
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0]?.message).toContain(toId(ref));
  });
});

describe('ids of moments', () => {
  it.each([
    { valid: 0, known: 0 },
    { valid: -1, known: NOW.known },
    { valid: NOW.valid, known: 12 },
  ])('are read as they are written: %j', (at) => {
    expect(tryParseIdAt(toIdAt(ref, at))).toEqual({ ref, at });
  });

  it.each([
    '',
    '@,',
    '@01,2 Deployment:a',
    '@1,2 Nothing:a',
    '@1,2 Deployment:',
    '@, Deployment:a',
  ])('are not read from %j', (text) => {
    expect(tryParseIdAt(Buffer.from(text).toString('base64url'))).toBeNull();
  });
});
