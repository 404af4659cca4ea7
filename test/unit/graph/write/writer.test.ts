import { expect, test } from '@jest/globals';
import type { Record as Row } from 'neo4j-driver';
import { decodeEntry } from '../../../../src/apply/decode.ts';
import type { Graph, Write } from '../../../../src/graph/driver.ts';
import { loadStatements } from '../../../../src/graph/statement.ts';
import { createWriter } from '../../../../src/graph/write/writer.ts';
import { event } from '../../../support/events.ts';

test('what a withdrawn claim said is read while no transaction holds a lock', async () => {
  let open = 0;
  const written: string[] = [];
  const asserting = { key: 's claimed', body: '{}', acceptedAt: 1 };
  const run = (async ({ name }: { name: string }) => {
    written.push(name);
    return name === 'write/log/lock-events' ? [rowOf(asserting)] : [];
  }) as unknown as Write; // by name alone
  const graph = {
    write: async (_: string, work: (run: Write) => Promise<unknown>) => {
      open += 1;
      try {
        return await work(run);
      } finally {
        open -= 1;
      }
    },
    read: async () => [],
  } as unknown as Graph; // what the writer uses of it
  const openWhileRead: number[] = [];
  const writer = createWriter({
    graph,
    statements: loadStatements(),
    assertedBy: () => {
      openWhileRead.push(open);
      const ends = {
        from: { label: 'Build', key: 'b' },
        to: { label: 'Commit', key: 'c' },
      } as const;
      return { claim: null, edges: [{ type: 'BUILT_FROM', ...ends }] };
    },
  });
  const withdrawal = event('claim.withdrawn', { claim: asserting.key });
  await writer.write([
    decodeEntry({ n: 1, acceptedAt: 1, contentHash: null, text: JSON.stringify(withdrawal) }),
  ]);
  expect(openWhileRead).toEqual([0]);
  expect(written).toContain('write/end-edge/BUILT_FROM/Build/Commit');
});

function rowOf(values: Readonly<Record<string, unknown>>): Row {
  return { get: (name: string) => values[name], toObject: () => values } as unknown as Row; // what is read of it
}
