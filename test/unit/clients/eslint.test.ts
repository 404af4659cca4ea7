import graphql from '@graphql-eslint/eslint-plugin';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint, type Linter } from 'eslint';
import { buildSchema, printSchema } from 'graphql';
import { createTestGraphql } from '../../support/graphql.ts';
import { servedSchema } from '../../support/served-schema.ts';

/** What the plug-in calls Relay, and what it recommends for every schema; those that do not hold here, each with its reason. */
const RULES: Linter.RulesRecord = {
  ...(graphql.configs['flat/schema-recommended'].rules as Linter.RulesRecord),
  ...(graphql.configs['flat/schema-relay'].rules as Linter.RulesRecord),
  '@graphql-eslint/relay-edge-types': [
    'error',
    {
      // lists that are short and never paged (claims, digests, paths) are plain lists
      listTypeCanWrapOnlyEdgeType: false,
      // verdicts, gaps and changes are parts of an answer: their list is fetched again with the question (relay.test.ts)
      shouldImplementNode: false,
    },
  ],
  // parts of an answer (edges, pages, counts, claims) are found by their question and have no name of their own
  '@graphql-eslint/strict-id-in-types': 'off',
  // Build.builder and Commit.committerName are the words of the field, not a repetition of the type
  '@graphql-eslint/no-typename-prefix': 'off',
};

/** Where a rule does not hold at one place: rule and what its message names. */
const EXCEPTIONS: readonly (readonly [string, string])[] = [
  // best match first: a full-text search has no end that reading could begin from
  ['relay-arguments', 'Field `search` must contain an argument `last`'],
  ['relay-arguments', 'Field `search` must contain an argument `before`'],
];

/** A lineage is a graph and not a list: its `edges` are those of the graph. */
const NO_CONNECTION = 'Lineage';

describe('@graphql-eslint', () => {
  let text: string;
  beforeAll(async () => {
    const asked = await createTestGraphql();
    text = printSchema(await servedSchema(asked));
    await asked.graphql.stop();
  });
  async function lint(schema: string): Promise<string[]> {
    const eslint = new ESLint({
      overrideConfigFile: true,
      overrideConfig: [
        {
          files: ['**/*.graphql'],
          plugins: { '@graphql-eslint': graphql as unknown as ESLint.Plugin },
          languageOptions: {
            parser: graphql.parser,
            parserOptions: { graphQLConfig: { schema } },
          },
          rules: RULES,
        },
      ],
    });
    const [result] = await eslint.lintText(schema, { filePath: 'schema.graphql' });
    const lines = schema.split('\n');
    return result!.messages
      .filter(
        ({ ruleId, message, line }) =>
          !(
            ruleId === '@graphql-eslint/relay-connection-types' &&
            lines[line - 1]?.startsWith(`type ${NO_CONNECTION} `)
          ) &&
          !EXCEPTIONS.some(
            ([rule, words]) => ruleId === `@graphql-eslint/${rule}` && message.startsWith(words),
          ),
      )
      .map(({ ruleId, message, line }) => `${ruleId}: ${message} (${lines[line - 1]})`);
  }

  it('finds nothing in the served schema', async () => {
    expect(await lint(text)).toEqual([]);
  });

  it.each([
    [
      'relay-arguments',
      'type Query { things(first: Int, after: String): ThingConnection! }',
      'must contain an argument `last`',
    ],
    [
      'relay-page-info',
      'type Query { page: PageInfo } type PageInfo { hasNextPage: Boolean }',
      'must return non-null Boolean',
    ],
    [
      'relay-connection-types',
      'type Query { things: Things } type Things { edges: [Int] pageInfo: Int }',
      '`Connection` suffix',
    ],
  ])('would find what %s is about', async (rule, bad, message) => {
    const schema = `${bad}\ntype ThingConnection { edges: [ThingEdge] pageInfo: PageInfo! }
      type ThingEdge { cursor: String! node: Int }${bad.includes('type PageInfo') ? '' : '\ntype PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }'}`;
    buildSchema(schema); // it is one, but for the rules
    const found = await lint(schema);
    expect(found.filter((one) => one.startsWith(`@graphql-eslint/${rule}:`)).join()).toContain(
      message,
    );
  });
});
