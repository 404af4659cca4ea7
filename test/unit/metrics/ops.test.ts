import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { busFamilies } from '../../../src/metrics/bus.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { tally, worldFamilies } from '../../../src/metrics/world.ts';
import { samplesOf } from '../../support/exposition.ts';

const OPS = fileURLToPath(new URL('../../../ops/', import.meta.url));
const json = (path: string): Json => JSON.parse(readFileSync(`${OPS}${path}`, 'utf8'));
type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- of Grafana, as deep as a test looks

const rules = parse(readFileSync(`${OPS}prometheus/alerts.yml`, 'utf8')).groups.flatMap(
  (group: Json) => group.rules,
);
const dashboards = readdirSync(`${OPS}grafana`).map((file) => json(`grafana/${file}`));
const targets = dashboards.flatMap(({ panels }) => panels.flatMap((panel: Json) => panel.targets));

/** Labels by metric, as a process with every role tells them. */
const told = new Map<string, Set<string>>();
beforeAll(async () => {
  const metrics = createMetrics();
  metrics.answered({ method: 'GET', route: '/livez', status: 200, seconds: 0.1 });
  metrics.operated({ name: 'Q', type: 'query', failed: false, seconds: 0.1 });
  metrics.cost('Q', 1);
  metrics.asked('lookup/rules', false, 0.1);
  metrics.retried('conflict');
  metrics.settled('graph', ['applied', 'duplicate', 'dead'], 0.1);
  metrics.openSubscriptions(() => 1);
  metrics.openSockets(() => 1);
  const progress = { position: 1, through: 1, waiting: 0, waitingSince: null, lost: 0, noted: 0 };
  const facts = { name: 'graph', pending: 0, lastDeliveredId: '0-1' };
  const bus = {
    streams: [{ stream: 'build', entries: 1, groups: [facts] }],
    groups: [{ group: 'graph', ...progress }],
    deadLetters: 0,
  };
  const happened = { n: 1, at: 1, outcome: null, environment: 'e', committedAt: 1 };
  const counts = tally(
    new Map(),
    ['build.completed', 'deployment.completed'].map((type) => ({ ...happened, type })),
  );
  metrics.provide(async () =>
    Promise.resolve([...busFamilies(bus, 1), ...worldFamilies(counts, 1)]),
  );
  for (const { name, labels } of samplesOf(await metrics.text())) {
    told.set(name, new Set([...(told.get(name) ?? []), ...Object.keys(labels)]));
  }
});

/** Of every scrape, whoever is scraped. */
const OF_TARGETS = ['job', 'instance'];

function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:stemma|process|nodejs)_\w+/g)].map(([name]) => name);
}

function labelsIn(expression: string, legend = ''): string[] {
  return [
    ...[...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label ?? ''),
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) =>
      (list ?? '').split(/,\s*/),
    ),
    ...[...legend.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(([, label]) => label ?? ''),
  ];
}

function check(expression: string, legend?: string): void {
  const names = metricsIn(expression);
  expect(names.filter((name) => !told.has(name))).toEqual([]);
  const known = new Set([...OF_TARGETS, ...names.flatMap((name) => [...(told.get(name) ?? [])])]);
  expect(labelsIn(expression, legend).filter((label) => !known.has(label))).toEqual([]);
}

describe('what operators get with the program', () => {
  test('every metric and every label that an alert names exists', () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const { expr, annotations } of rules) check(expr, annotations.summary);
  });

  test('every metric and every label that a dashboard names exists', () => {
    expect(targets.length).toBeGreaterThan(20);
    for (const { expr, legendFormat } of targets) check(expr, legendFormat);
  });

  test('every metric of ours is on a dashboard', () => {
    const shown = new Set(targets.flatMap(({ expr }: Json) => metricsIn(expr)).map(familyOf));
    const ours = [...told.keys()].filter((name) => name.startsWith('stemma_')).map(familyOf);
    expect([...new Set(ours)].filter((name) => !shown.has(name))).toEqual([]);
  });

  test('panels do not overlap, and have numbers of their own', () => {
    for (const { panels } of dashboards) {
      const places = panels.map(({ gridPos: { x, y } }: Json) => `${x} ${y}`);
      expect(new Set(places).size).toBe(panels.length);
      expect(new Set(panels.map(({ id }: Json) => id)).size).toBe(panels.length);
    }
  });

  const { error, stdout } = spawnSync('promtool', ['--version'], { encoding: 'utf8' });
  const promtool = error === undefined ? test : test.skip;
  promtool(
    `alerts fire when they should, by promtool (${error === undefined ? stdout.split(',')[0] : "absent: it comes with Debian's package prometheus"})`,
    () => {
      const run = (...args: string[]) =>
        spawnSync('promtool', args, { cwd: `${OPS}prometheus`, encoding: 'utf8' });
      for (const args of [
        ['check', 'rules', 'alerts.yml'],
        ['check', 'config', '--syntax-only', 'prometheus.yml'],
        ['test', 'rules', 'alerts.test.yml'],
      ]) {
        const { status, stdout: said, stderr } = run(...args);
        expect({ args, status, said: status === 0 ? '' : said + stderr }).toEqual({
          ...{ args, status: 0, said: '' },
        });
      }
    },
  );
});

function familyOf(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}
