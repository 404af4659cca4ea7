import { describe, expect, it } from '@jest/globals';
import { parse, type OperationDefinitionNode } from 'graphql';
import { isLarge } from '../../../src/graphql/generated-code.ts';

describe('what generated code executes', () => {
  it.each([
    [true, '{ lineage { nodes { depth node { id key ... on Build { state } } } edges { from } } }'],
    [true, '{ a: lineage { truncated } lineage { totals { byLabel { count } } } }'],
    [true, 'query { lineage { ...A } } fragment A on Lineage { nodes { node { id } } }'],
    // code for what each thing is connected with would be generated for every kind of thing
    [false, '{ lineage { nodes { node { ... on Build { artifacts { totalCount } } } } } }'],
    [
      false,
      'query { lineage { ...A } } fragment A on Lineage { edges { claims { evidence { id } x { y } } } }',
    ],
    [false, '{ lineage { edges { claims { evidence { id } } } } }'],
    [false, '{ node { id } }'],
    [false, '{ lineage { truncated } node { id } }'],
    [false, 'query { ...A } fragment A on Query { lineage { truncated } }'],
    [false, 'mutation { lineage { truncated } }'],
    [false, 'subscription { lineage { truncated } }'],
  ])('%p: %s', (expected, query) => {
    const document = parse(query);
    expect(isLarge(document, document.definitions[0] as OperationDefinitionNode)).toBe(expected);
  });

  it('looks at each fragment once, however often it is spread', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, at) =>
        `fragment F${at} on Lineage { ${at === 59 ? 'truncated' : `...F${at + 1} ... { ...F${at + 1} }`} }`,
    );
    const document = parse(`{ lineage { ...F0 } } ${fragments.join(' ')}`);
    expect(isLarge(document, document.definitions[0] as OperationDefinitionNode)).toBe(true);
  });
});
