import { stat } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { within } from '../../../src/deadline.ts';

describe('an answer within a time', () => {
  const late = () => new Error('too late');

  test('is given, and its failure too', async () => {
    expect(await within(1_000, Promise.resolve('here'), late)).toBe('here');
    await expect(within(1_000, Promise.reject(new Error('no')), late)).rejects.toThrow('no');
  });

  test('is late where nothing comes', async () => {
    await expect(within(5, new Promise(() => undefined), late)).rejects.toThrow('too late');
  });

  test('counts where it came in time and this process was too busy to read it', async () => {
    const found = within(20, stat(new URL(import.meta.url)), late);
    const until = performance.now() + 100;
    while (performance.now() < until); // busy, beyond the deadline
    expect((await found).isFile()).toBe(true);
  });

  test('does not count the time that this process was too busy to ask the next of several questions', async () => {
    const here = new URL(import.meta.url);
    const found = within(
      400,
      stat(here)
        .then(() => stat(here))
        .then(() => stat(here)),
      late,
    );
    const until = performance.now() + 1_000;
    while (performance.now() < until); // busy, beyond the deadline
    expect((await found).isFile()).toBe(true);
  });
});
