import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string): string => readFileSync(root + file, 'utf8');
const compose = parse(read('docker-compose.yml'));
const { neo4j, redis, stemma } = compose.services;
const dockerfile = read('Dockerfile');

test('images are pinned by their full version', () => {
  expect(neo4j.image).toMatch(/^neo4j:5\.26\.\d+-community$/);
  expect(redis.image).toMatch(/^redis:7\.4\.\d+$/);
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1])).toEqual([
    expect.stringMatching(/^node:24\.\d+\.\d+-slim$/),
    expect.stringMatching(/^node:24\.\d+\.\d+-slim$/),
  ]);
});

test('ports are open to this machine alone', () => {
  for (const service of [neo4j, redis, stemma]) {
    expect(service.ports).toHaveLength(1);
    expect(service.ports[0]).toMatch(/^127\.0\.0\.1:/);
  }
});

test('Redis is durable and never evicts', () => {
  const command = redis.command.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--appendfsync everysec');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(command).toContain('--save 900 1');
});

test('data is in named volumes', () => {
  expect(Object.keys(compose.volumes).toSorted()).toEqual([
    'neo4j-data',
    'redis-data',
    'stemma-home',
  ]);
  expect(neo4j.volumes).toEqual(['neo4j-data:/data']);
  expect(redis.volumes).toEqual(['redis-data:/data']);
});

test('Stemma starts once both servers are healthy', () => {
  expect(neo4j.healthcheck.test[1]).toContain('RETURN 1');
  expect(redis.healthcheck.test[1]).toContain('ping');
  expect(stemma.depends_on).toEqual({
    neo4j: { condition: 'service_healthy' },
    redis: { condition: 'service_healthy' },
  });
  expect(stemma.environment.NEO4J_PASSWORD).toBe('${NEO4J_PASSWORD:-stemma-local}');
});

test('the image holds no developer packages, runs no install scripts and not as root', () => {
  expect(dockerfile).toContain('npm ci --omit=dev --ignore-scripts');
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toContain('/livez');
  expect(dockerfile).toContain('STEMMA_HOST=0.0.0.0');
  expect(dockerfile).toContain('CMD ["node", "src/cli.ts", "serve"]');
});

test('what the image copies is not ignored', () => {
  const kept = read('.dockerignore').split('\n');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
    match[1]!.split(' '),
  );

  for (const file of copied) expect(kept).toContain(`!${file}`);
});
