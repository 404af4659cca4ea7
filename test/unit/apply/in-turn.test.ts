import { expect, test } from '@jest/globals';
import { inTurnAtFirst } from '../../../src/apply/in-turn.ts';

/** Work that ends when it is told to. */
function createWork() {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    started,
    run: async (name: string): Promise<string> => {
      started.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    },
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the first calls come one after another, a failed one does not count, and the later ones do not wait', async () => {
  const work = createWork();
  const run = inTurnAtFirst(2, work.run);
  const calls = ['a', 'b', 'c', 'd'].map((name) => run(name));
  const results = Promise.allSettled(calls);
  await turn();
  expect(work.started).toEqual(['a']);
  work.fail('a');
  await turn();
  expect(work.started).toEqual(['a', 'b']);
  work.end('b');
  await turn();
  expect(work.started).toEqual(['a', 'b', 'c']);
  work.end('c');
  await turn();
  const later = [run('e'), run('f')];
  expect(work.started).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  for (const name of ['d', 'e', 'f']) work.end(name);
  expect(await Promise.all(later)).toEqual(['e', 'f']);
  expect((await results).map(({ status }) => status)).toEqual([
    'rejected',
    ...Array<string>(3).fill('fulfilled'),
  ]);
});
