import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '../../../src/graph/read/records.ts';
import { createCursors } from '../../../src/graphql/cursors.ts';
import { readPage, toConnection } from '../../../src/graphql/pages.ts';
import { createTestGraphql, fakeReader } from '../../support/graphql.ts';

const SECRET = 'a secret of at least 16 characters';

describe('cursors', () => {
  it('come back as they went, also in another process with the same secret', () => {
    const cursor = createCursors(SECRET).encode('events', { n: 7, key: 'ü' });
    expect(createCursors(SECRET).decode('events', cursor)).toEqual({ n: 7, key: 'ü' });
  });

  it.each([
    ['forged', 'AAAAAAAAAAAAAAAANw'],
    ['truncated', createCursors(SECRET).encode('events', 7).slice(0, -1)],
    ['empty', ''],
    ['no base64', '%%%'],
    ['of another list', createCursors(SECRET).encode('other', 7)],
    ['of another secret', createCursors('another secret, as long').encode('events', 7)],
  ])('S15 refuses one that is %s', (_, cursor) => {
    expect(() => createCursors(SECRET).decode('events', cursor)).toThrow(
      expect.objectContaining({ code: 'CURSOR_INVALID' }),
    );
  });

  it('S15 refuses a cursor with other filters', async () => {
    const { ask, graphql } = await createTestGraphql({
      reader: fakeReader({
        events: async () => ({ items: [{ key: 'urn:x 1', n: 1 } as EventRecord], more: true }),
      }),
    });
    const page = await ask('{ events(type: "build.started") { pageInfo { endCursor } } }');
    const query = (type: string) =>
      `{ events(type: "${type}", after: "${page.data.events.pageInfo.endCursor as string}") { nodes { id } } }`;
    expect((await ask(query('build.started'))).codes).toEqual([]);
    expect((await ask(query('build.completed'))).codes).toEqual(['CURSOR_INVALID']);
    await graphql.stop();
  });

  it('needs a secret worth the name', () => {
    expect(() => createCursors('short')).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});

describe('pages', () => {
  const cursors = createCursors(SECRET);

  it('know which way they go on', () => {
    const after = cursors.encode('s', 3);
    const forward = readPage<number>(cursors, 's', { first: 2, after });
    expect(forward).toEqual({ limit: 2, position: 3, backward: false });
    const { pageInfo } = toConnection(
      cursors,
      's',
      forward,
      { items: [4, 5], more: true },
      (n) => n,
    );
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });

  it('turn a page that was read from behind', () => {
    const page = readPage<number>(cursors, 's', { last: 2 });
    const { nodes, pageInfo } = toConnection(
      cursors,
      's',
      page,
      { items: [9, 8], more: true },
      (n) => n,
    );
    expect(nodes).toEqual([8, 9]);
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(cursors.decode('s', pageInfo.startCursor ?? '')).toBe(8);
  });

  it('refuse first with before', () => {
    expect(() => readPage(cursors, 's', { first: 1, before: cursors.encode('s', 1) })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    );
  });
});
