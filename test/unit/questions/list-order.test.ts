import { expect, it } from '@jest/globals';
import type { ListFilters, ListPage } from '../../../src/graph/read/lists.ts';
import { askList } from '../../../src/questions/ask/lists.ts';
import { fakeReader } from '../../support/graphql.ts';

const FILTER: ListFilters['artifacts'] = {
  ...{ since: null, until: null, resolved: null },
  ...{ namePrefix: null, mediaType: null },
};
const PAGE: ListPage = { limit: 3, position: null, backward: false, order: 'KEY' };

it('more than can be put in order are refused, with what to do; by key they are listed', async () => {
  const reader = fakeReader({
    artifacts: async () => ({ items: [{ label: 'Artifact', key: 'a', internal: 1 }], more: false }),
    countOf: async () => null,
  });
  await expect(
    askList(reader, 'artifacts', FILTER, { ...PAGE, order: 'NEWEST_FIRST' }),
  ).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining('give a filter that fewer fit') as unknown,
  });
  expect((await askList(reader, 'artifacts', FILTER, PAGE)).items).toHaveLength(1);
});
