import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLNamedType,
} from 'graphql';
import { createSchema } from '../../../src/graphql/schema.ts';
import { RELATIONS } from '../../../src/graphql/resolvers/relations.ts';
import { EDGE_KINDS, EDGE_TYPES, TRUST_LEVELS } from '../../../src/model/edge.ts';
import { NODE_FACETS, NODE_LABELS } from '../../../src/model/node.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

describe('schema.graphql', () => {
  it('describes every type, field, argument and value', () => {
    expect(types.filter(({ astNode }) => astNode != null).flatMap(undescribed)).toEqual([]);
  });

  it('has every label as a type with every property of its facets', () => {
    const missing = NODE_LABELS.flatMap((label) => {
      const type = schema.getType(label);
      if (!isObjectType(type)) return [label];
      const properties = Object.values(NODE_FACETS[label]).flat() as string[];
      return properties
        .filter((name) => type.getFields()[name] === undefined)
        .map((name) => `${label}.${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('calls nothing id but what node leads back to: caches put together what has one id', () => {
    const others = types
      .filter((type) => isObjectType(type))
      .filter((type) => type.getFields()['id'] !== undefined)
      .filter((type) => !type.getInterfaces().some(({ name }) => name === 'Node'));
    expect(others.map(({ name }) => name)).toEqual([]);
  });

  it('knows the edge types and trust levels of the model', () => {
    expect(valuesOf('EdgeType').sort()).toEqual([...EDGE_TYPES].sort());
    expect(valuesOf('Trust')).toEqual([...TRUST_LEVELS]);
  });

  it('has relations only where an edge may be', () => {
    for (const label of NODE_LABELS) {
      for (const { type, direction, label: other } of Object.values(RELATIONS[label])) {
        const ends = EDGE_KINDS[type].ends.filter(
          (pair) => pair[direction === 'OUT' ? 0 : 1] === label,
        );
        const others = ends.map((pair) => pair[direction === 'OUT' ? 1 : 0]);
        expect(others).not.toEqual([]);
        if (other !== null) expect(others).toContain(other);
      }
    }
  });
});

describe('generated files', () => {
  it('of codegen.ts are up to date', async () => {
    await promisify(execFile)(process.execPath, ['codegen.ts', '--check'], { cwd: ROOT });
  });
});

function valuesOf(name: string): string[] {
  const type = schema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
}

function undescribed(type: GraphQLNamedType): string[] {
  const bare: string[] = [];
  const check = (name: string, thing: { description?: string | null | undefined }) => {
    if ((thing.description ?? '') === '') bare.push(name);
  };
  check(type.name, type);
  if (isEnumType(type))
    for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return bare;
  for (const field of Object.values(type.getFields())) {
    check(`${type.name}.${field.name}`, field);
    if ('args' in field)
      for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg);
  }
  return bare;
}
