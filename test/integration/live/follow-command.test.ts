import { afterEach, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addEvents } from '../../../src/cli/commands/events.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { event } from '../../support/events.ts';
import { startLive, type LiveWorld } from '../../support/live.ts';
import { until } from '../../support/until.ts';

const SOURCE = 'https://ci.example/live-follow';

let world: LiveWorld;
afterEach(async () => world.stop());

function builds(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const id = `${world.floor}-${from + at}`;
    return event('build.started', { build: `${SOURCE}/${id}` }, { id, source: SOURCE });
  });
}

function start(url: string, ...args: string[]) {
  const interruption = new AbortController();
  const { io, written } = createTestIo({ STEMMA_URL: url }, { signal: interruption.signal });
  const program = new Command().exitOverride();
  addEvents(program, io);
  program.commands[0]?.option('--json');
  const done = program.parseAsync(['events', '--follow', '--json', '--interval', '10', ...args], {
    from: 'user',
  });
  done.catch(() => undefined); // awaited below
  const ids = () => written.out.map((line) => (JSON.parse(line) as { eventId: string }).eventId);
  return { ids, written, done, interruption };
}

it('events --follow prints the newest and what comes in, each once and in order, across a restart of the service, until Ctrl-C', async () => {
  world = await startLive();
  const { pipeline, api } = world;
  const events = builds(0, 30);
  const ids = events.map(({ id }) => id);
  await pipeline.publish(events.slice(0, 10));
  await pipeline.caughtUp();
  const command = start(world.url, '--source', SOURCE, '--limit', '4');
  await until(() => command.ids().length === 4);
  await pipeline.publish(events.slice(10, 20));
  await until(() => command.ids().length === 14);
  await api.stop();
  await pipeline.publish(events.slice(20));
  await pipeline.startApi({ port: Number(new URL(world.url).port) });
  await until(() => command.ids().length === 24);
  expect(command.ids()).toEqual(ids.slice(6));
  command.interruption.abort();
  await command.done;
  expect(command.written.exit).toBe(130);
});

it('events --follow says at once what it is refused, and that nobody answers', async () => {
  world = await startLive();
  await expect(start(world.url, '--type', 'build.begun').done).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(start('http://127.0.0.1:9').done).rejects.toMatchObject({
    code: 'SERVER_UNAVAILABLE',
  });
});
