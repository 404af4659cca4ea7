import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addCypher } from '../../../src/cli/commands/cypher.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { sharedServers } from '../../support/servers.ts';

describe('stemma cypher show --explain', () => {
  let seed: Seed;
  beforeAll(async () => {
    seed = await createSeed();
  });
  afterAll(async () => seed.close());

  async function show(...args: readonly string[]): Promise<string> {
    const { neo4jUri, neo4jUser, neo4jPassword } = sharedServers();
    const { io, written } = createTestIo({
      ...{ NEO4J_URI: neo4jUri, NEO4J_USER: neo4jUser, NEO4J_PASSWORD: neo4jPassword },
    });
    const program = new Command().exitOverride();
    addCypher(program, io);
    for (const command of program.commands[0]!.commands) command.option('--json');
    await program.parseAsync(['cypher', 'show', ...args, '--explain'], { from: 'user' });
    return written.out.join('\n');
  }

  test('prints how the database would run a statement that reads', async () => {
    const text = await show('lookup/events-of/asc');
    expect(text).toContain('UNWIND $refs AS ref');
    expect(text).toMatch(/^ +Unwind \(about \d+ rows\) \$refs AS ref$/m);
    expect(text).toMatch(
      /^ +NodeIndexSeek \(about \d+ rows\) RANGE INDEX e:Event\(subjectRef, n\)/m,
    );
  });

  test('does not run a statement that writes', async () => {
    const plan = (JSON.parse(await show('write/log/migration', '--json')) as { plan: string }).plan;
    expect(plan).toContain('Merge');
    const key = 'migration whose parameter is missing';
    const rows = await seed.graph.read(
      { name: 'test', text: 'MATCH (m:Migration) WHERE m.key IS NULL OR m.key = $key RETURN m' },
      { key },
    );
    expect(rows).toEqual([]);
  });
});
