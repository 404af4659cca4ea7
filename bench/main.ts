import { progress } from './servers.ts';

/** `npm run -s bench -- <name>`: progress on stderr, one JSON object as the last line of stdout. */
const BENCHES: Record<
  string,
  () => Promise<{ run: (argv: readonly string[]) => Promise<object> }>
> = {
  cli: () => import('./cli.ts'),
  cold: () => import('./cold.ts'),
  ingest: () => import('./ingest.ts'),
  edge: () => import('./edge.ts'),
  soak: () => import('./soak.ts'),
  latency: () => import('./latency.ts'),
  publish: () => import('./publish.ts'),
  lineage: () => import('./lineage.ts'),
  questions: () => import('./questions.ts'),
  execution: () => import('./execution.ts'),
  replay: () => import('./replay.ts'),
  organisation: () => import('./organisation.ts'),
  documents: () => import('./documents.ts'),
  advisories: () => import('./advisories.ts'),
  live: () => import('./live.ts'),
  watch: () => import('./watch.ts'),
};

process.env['NODE_ENV'] ??= 'production'; // as bin/stemma.mjs does: graphql-js checks much more without it

const [name = '', ...rest] = process.argv.slice(2);
const load = BENCHES[name];
if (load === undefined) {
  progress(`usage: npm run -s bench -- <${Object.keys(BENCHES).join('|')}>`);
  process.exitCode = 2;
} else {
  const result = await (await load()).run(rest);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
