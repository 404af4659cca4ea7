import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse, printSchema, type GraphQLSchema } from 'graphql';
import ts from 'typescript';
import { apiExamples } from '../../support/api-examples.ts';
import { createTestGraphql } from '../../support/graphql.ts';
import { servedSchema } from '../../support/served-schema.ts';

const SCALARS = {
  ...{ DateTime: 'string', Digest: 'string', Purl: 'string' },
  ...{ Position: 'number', PositionOrTime: 'number | string' },
  ...{ ByteSize: 'number', JSON: 'unknown' },
};

describe('graphql-codegen', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    const asked = await createTestGraphql();
    schema = await servedSchema(asked);
    await asked.graphql.stop();
  });

  it('types every operation of docs/api.md, and TypeScript takes them', async () => {
    const documents = apiExamples().map(({ title, query }, at) => ({
      location: `docs/api.md#${title}`,
      document: parse(named(query, `Example${at}`)),
    }));
    expect(documents.length).toBeGreaterThan(20);
    const config = { scalars: SCALARS, strictScalars: true, useTypeImports: true };
    const text = await codegen({
      ...{ filename: 'operations.ts', schema: parse(printSchema(schema)), documents, config },
      plugins: [{ operations: config }],
      pluginMap: { operations },
    });
    const types = documents.map(
      (_, at) => new RegExp(`export type Example${at}(Query|Mutation) =`),
    );
    for (const type of types) expect(text).toMatch(type);
    expect(problemsOf(text)).toEqual([]);
  });

  it('refuses an operation that the schema does not fit', async () => {
    const document = parse('query Wrong { node(id: "x", asOf: { valid: "2020" }) { id } }');
    await expect(
      codegen({
        ...{ filename: 'operations.ts', schema: parse(printSchema(schema)), config: {} },
        documents: [{ location: 'wrong', document }],
        plugins: [{ operations: {} }],
        pluginMap: { operations },
      }),
    ).rejects.toThrow(/Unknown argument "asOf" on field "Query.node"/);
  });
});

/** Generators want operations to have names; the page leaves them out. */
function named(query: string, name: string): string {
  return query.replace(/^\s*(?:(query|mutation)\b\s*)?(?=[({])/, (_, kind?: string) => {
    return `${kind ?? 'query'} ${name} `;
  });
}

/** What the compiler says of a file, at its strictest. */
function problemsOf(text: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'stemma-codegen-'));
  try {
    const file = join(dir, 'operations.ts');
    writeFileSync(file, text);
    const program = ts.createProgram([file], {
      ...{ strict: true, noEmit: true, target: ts.ScriptTarget.ES2024, types: [] },
      ...{ module: ts.ModuleKind.NodeNext, erasableSyntaxOnly: false },
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
