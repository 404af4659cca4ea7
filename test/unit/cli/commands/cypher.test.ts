import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addCypher } from '../../../../src/cli/commands/cypher.ts';
import { toFailure } from '../../../../src/cli/exit.ts';
import { createTestIo } from '../../../support/cli-io.ts';

async function run(...args: readonly string[]) {
  const { io, written } = createTestIo();
  const program = new Command().exitOverride();
  addCypher(program, io);
  for (const command of program.commands[0]!.commands) command.option('--json');
  const failure = await program.parseAsync(['cypher', ...args], { from: 'user' }).then(
    () => null,
    (error: unknown) => toFailure(error),
  );
  const { out: lines } = written;
  return { lines, text: lines.join('\n'), failure };
}

describe('stemma cypher', () => {
  test('list prints the name and the purpose of every statement that begins so', async () => {
    const { lines } = await run('list', 'lookup/events-of/');
    expect(lines).toEqual([
      'lookup/events-of/asc\ta page of the events about each of several things, oldest first',
      'lookup/events-of/desc\ta page of the events about each of several things, newest first',
    ]);
  });

  test('list --json has parameters and results too', async () => {
    const { text } = await run('list', 'write/node/Build', '--json');
    expect(JSON.parse(text)).toEqual({
      version: 1,
      statements: [
        { name: 'write/node/Build', purpose: expect.any(String), params: ['rows'], returns: '-' },
        expect.objectContaining({ name: 'write/node/Builder' }),
      ],
    });
  });

  test('show prints the header and the text as it runs', async () => {
    const { text } = await run('show', 'digest/node/Build');
    expect(text).toBe(
      '// purpose: every Build node, for the state digest\n// params: -\n// returns: properties\nMATCH (n:Build) RETURN properties(n) AS properties',
    );
  });

  test('show --json has the text as a field', async () => {
    const { text } = await run('show', 'digest/node/Build', '--json');
    expect(JSON.parse(text)).toMatchObject({
      ...{ version: 1, name: 'digest/node/Build' },
      text: 'MATCH (n:Build) RETURN properties(n) AS properties',
    });
  });

  test('the name of a template is not one statement: the error says how to name one', async () => {
    const { failure } = await run('show', 'lookup/events-of');
    expect(failure).toMatchObject({
      exitCode: 2,
      message:
        "'lookup/events-of' stands for 2 statements: give the name of one, such as lookup/events-of/asc (stemma cypher list lookup/events-of/).",
    });
  });

  test('a name that nothing has is answered with the nearest', async () => {
    const { failure } = await run('show', 'lookup/event-of/asc');
    expect(failure).toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(
        /^There is no statement 'lookup\/event-of\/asc'\. The nearest: .*lookup\/events-of\/asc/,
      ),
    });
  });

  test('a schema file has no plan', async () => {
    const { failure } = await run('show', 'schema/005-rules', '--explain');
    expect(failure).toMatchObject({
      exitCode: 2,
      message: "'schema/005-rules' changes the schema: Neo4j has no plan for it.",
    });
  });
});
