import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  isRequiredArgument,
  printSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import {
  connectionFields,
  implementsNode,
  partsOfNodes,
  pathsFromQuery,
  servedSchema,
  type ConnectionField,
} from '../../support/served-schema.ts';
import { createTestGraphql } from '../../support/graphql.ts';

const run = promisify(execFile);
const COMPILER = createRequire(import.meta.url).resolve('relay-compiler/cli.js');

type Paged = { readonly name: string; readonly text: string };

/** A project as one of its users has it: the schema, files with fragments, a configuration; what the compiler makes of it. */
async function compile(schema: string, fragments: readonly Paged[]): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'stemma-relay-'));
  try {
    mkdirSync(join(dir, 'src', '__generated__'), { recursive: true });
    writeFileSync(join(dir, 'schema.graphql'), schema);
    writeFileSync(
      join(dir, 'relay.config.json'),
      JSON.stringify({
        src: './src',
        schema: './schema.graphql',
        language: 'javascript',
        artifactDirectory: './src/__generated__',
      }),
    );
    for (const { name, text } of fragments) {
      const body = `import { graphql } from 'react-relay';\ngraphql\`${text}\`;\n`;
      writeFileSync(join(dir, 'src', `${name}.js`), body);
    }
    await run(process.execPath, [COMPILER], { cwd: dir });
    return readdirSync(join(dir, 'src', '__generated__'));
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`relay-compiler refuses:\n${stdout}${stderr}`, { cause: error });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('relay-compiler (field-api 17-relay-compiler-refuses)', () => {
  let schema: GraphQLSchema;
  let text: string;
  beforeAll(async () => {
    const asked = await createTestGraphql();
    schema = await servedSchema(asked);
    text = printSchema(schema);
    await asked.graphql.stop();
  });

  it('compiles a refetchable fragment on every connection, forwards and backwards', async () => {
    const paths = pathsFromQuery(schema);
    const fields = connectionFields(schema);
    const unreached = fields
      .filter(({ type }) => !implementsNode(type) && !paths.has(type.name))
      .filter(({ type }) => partsOfNodes(schema, type).length === 0)
      .map(({ type, field }) => `${type.name}.${field.name}`);
    expect(unreached).toEqual([]);
    const fragmentFor = (
      type: GraphQLObjectType,
      field: ConnectionField['field'],
      page: Page,
    ): Paged => {
      if (implementsNode(type)) return fragmentOn(type.name, [], field, page);
      const path = paths.get(type.name);
      if (path !== undefined) return fragmentOn('Query', path, field, page);
      // a part of a thing is paged by a fragment on the thing
      const [owner] = partsOfNodes(schema, type);
      return fragmentOn(owner!.type.name, [owner!.field], field, page);
    };
    const fragments = fields.flatMap(({ type, field }) =>
      [forwards, backwards]
        .filter(({ size }) => field.args.some((argument) => argument.name === size))
        .map((page) => fragmentFor(type, field, page)),
    );
    expect(fragments.length).toBeGreaterThan(200);
    const artifacts = await compile(text, fragments);
    for (const { name } of fragments) {
      expect(artifacts).toContain(`${name}_page.graphql.js`);
      expect(artifacts).toContain(`${name}_refetch.graphql.js`);
    }
  });
});

type Page = { readonly name: string; readonly size: string; readonly given: string };
const PAGE = 'count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }';
const forwards: Page = {
  name: 'Forwards',
  size: 'first',
  given: 'first: $count, after: $cursor',
};
const backwards: Page = {
  name: 'Backwards',
  size: 'last',
  given: 'last: $count, before: $cursor',
};

/** What a component declares that shows one list and can load more of it. */
function fragmentOn(
  type: string,
  path: readonly GraphQLField<unknown, unknown>[],
  field: GraphQLField<unknown, unknown>,
  page: Page,
): Paged {
  const name = `${type}${[...path, field].map((one) => capital(one.name)).join('')}${page.name}`;
  // arguments that a question needs are variables of the fragment
  const required = [...path, field].flatMap((one) =>
    one.args
      .filter((argument) => isRequiredArgument(argument))
      .map((argument) => ({ ...argument, variable: `${one.name}_${argument.name}` })),
  );
  const argumentsOf = (one: GraphQLField<unknown, unknown>, more: readonly string[]): string => {
    const given = [
      ...more,
      ...one.args
        .filter((argument) => isRequiredArgument(argument))
        .map((argument) => `${argument.name}: $${one.name}_${argument.name}`),
    ];
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  };
  const variables = [
    PAGE,
    ...required.map(({ variable, type: of }) => `${variable}: { type: "${String(of)}" }`),
  ].join(', ');
  const open = path.map((one) => `${one.name}${argumentsOf(one, [])} {`).join(' ');
  const key = `${name}_${field.name}`;
  return {
    name,
    text: `
      fragment ${name}_page on ${type}
      @argumentDefinitions(${variables})
      @refetchable(queryName: "${name}_refetch") {
        ${open}
          ${field.name}${argumentsOf(field, [page.given])} @connection(key: "${key}") {
            edges { node { __typename } }
          }
        ${'}'.repeat(path.length)}
      }`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
