import { describe, expect, test } from '@jest/globals';
import { createPatience } from '../../../src/graph/patience.ts';

describe('patience with a database that does not answer', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  let clock = 0;
  let probes: Promise<void>[] = [];
  const create = () =>
    createPatience({
      ...{ width: 2, silentMs: 5_000, now: () => clock },
      isAnswer: (error) => (error as Error).message === 'refused',
      unanswered: (reason) => new Error(reason),
      probe: () => probes.shift() ?? Promise.reject(new Error('not expected')),
    });

  test('while every connection waits and nothing is answered, a further question is refused at once', async () => {
    const ask = create();
    const waiting = [ask(60_000, never), ask(60_000, never)];
    void Promise.allSettled(waiting);
    await expect(ask(60_000, () => Promise.resolve('asked'))).resolves.toBe('asked');
    clock += 5_001;
    await expect(ask(60_000, () => Promise.resolve('asked'))).rejects.toThrow(
      /2 questions wait, none was answered for 5001 ms/,
    );
  });

  test.each([
    ['an answer', 'asked', () => Promise.resolve('asked')],
    ['a refusal', 'refused', () => Promise.reject(new Error('refused'))],
  ])('%s shows that it is there', async (_, text, answer) => {
    const ask = create();
    void Promise.allSettled([ask(60_000, never)]);
    clock += 4_000;
    const said = ask(60_000, answer).catch((error: unknown) => (error as Error).message);
    expect(await said).toBe(text);
    void Promise.allSettled([ask(60_000, never)]);
    clock += 4_000;
    await expect(ask(60_000, () => Promise.resolve('asked'))).resolves.toBe('asked');
  });

  test('after a question that was not answered, the next ones wait for one probe', async () => {
    const ask = create();
    await expect(ask(10, never)).rejects.toThrow('no answer within 10 ms');
    probes = [Promise.reject(new Error('still away')), Promise.resolve()];
    const asked: string[] = [];
    const question = (name: string) => ask(60_000, async () => void asked.push(name));
    const refused = [question('first'), question('second')];
    for (const one of refused) await expect(one).rejects.toThrow('still away');
    expect(asked).toEqual([]);
    await question('third');
    await question('fourth');
    expect(asked).toEqual(['third', 'fourth']);
    expect(probes).toEqual([]);
  });

  test('a question that is not answered in time ends', async () => {
    await expect(create()(10, never)).rejects.toThrow('no answer within 10 ms');
  });
});
