/** Writes docs/api-reference.md, what schema.graphql says of each type and field; with --check compares instead. */
import { readFile } from 'node:fs/promises';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLNamedType,
} from 'graphql';
import { writePage } from './write-page.ts';

const schema = buildSchema(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'));
const ROOTS = ['Query', 'Mutation', 'Subscription'];

const cell = (text: string | null | undefined): string =>
  (text ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (titles: readonly string[], rows: readonly string[]): string =>
  [row(...titles), row(...titles.map(() => '---')), ...rows].join('\n');

type Field = {
  readonly name: string;
  readonly type: { toString(): string };
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
};

function fieldRow({ name, type, description, deprecationReason }: Field): string {
  const gone = deprecationReason ? ` Deprecated: ${deprecationReason}` : '';
  return row(`\`${name}\``, `\`${String(type)}\``, cell(`${description ?? ''}${gone}`));
}

function argumentRow(one: GraphQLArgument): string {
  return fieldRow({ ...one, name: one.name });
}

/** Each field of a root with its arguments. */
function rootText(name: string): string {
  const fields = Object.values(schema.getRootType(name.toLowerCase() as never)?.getFields() ?? {});
  const texts = fields.map(({ name: field, type, description, args }) =>
    [
      `### ${field}`,
      `\`${String(type)}\`: ${(description ?? '').replace(/\s+/g, ' ')}`,
      ...(args.length === 0 ? [] : [table(['argument', 'type', ''], args.map(argumentRow))]),
    ].join('\n\n'),
  );
  return `## ${name}\n\n${texts.join('\n\n')}`;
}

function typeText(type: GraphQLNamedType): string {
  const about = (type.description ?? '').replace(/\s+/g, ' ');
  return [`### ${type.name}`, ...(about === '' ? [] : [about]), ...membersOf(type)].join('\n\n');
}

function membersOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) {
    const rows = type
      .getValues()
      .map(({ name, description }) => row(`\`${name}\``, cell(description)));
    return [table(['value', ''], rows)];
  }
  if (isUnionType(type)) {
    return [
      type
        .getTypes()
        .map(({ name }) => `\`${name}\``)
        .join(', '),
    ];
  }
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    const fields: readonly Field[] = Object.values(type.getFields());
    return [table(['field', 'type', ''], fields.map(fieldRow))];
  }
  return [];
}

const types = Object.values(schema.getTypeMap())
  .filter(({ name }) => !name.startsWith('__') && !ROOTS.includes(name))
  .filter((type) => !isScalarType(type) || type.astNode)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

await writePage(
  'docs/api-reference.md',
  `# GraphQL reference

What \`schema.graphql\` says, field by field. How to ask, with examples and answers: [api.md](api.md).

${ROOTS.map(rootText).join('\n\n')}

## Types

${types.map(typeText).join('\n\n')}
`,
);
