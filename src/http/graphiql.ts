import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** A question that is ready to be asked. */
type Question = { readonly title: string; readonly query: string };

/** The page of questions, each with a heading and one block of GraphQL. */
const QUESTIONS = new URL('../../docs/api.md', import.meta.url);
const QUESTION = /^### ([^\n]+)\n(?:(?!^###|^```)[^])*?^```graphql\n([^]*?)^```$/gm;

/** Everything comes from this service; the editor sets styles as it goes, and runs its language services in workers. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  'font-src data:',
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Stemma: GraphQL</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/graphiql/graphiql.css"></head>
<body style="margin:0"><noscript>The editor needs JavaScript. Questions can be sent to POST /graphql by any program.</noscript>
<div id="graphiql" style="height:100vh"></div>
<script src="/graphiql/graphiql.js"></script><script src="/graphiql/start.js"></script></body>
</html>
`;

/** The workers of the editor, by the names that it has for them. */
const WORKERS = {
  editorWorkerService: 'editor.worker.js',
  json: 'json.worker.js',
  graphql: 'graphql.worker.js',
} as const;

/** Sends the page of the editor, GraphiQL, to a browser that comes to /graphql. */
export async function sendGraphiql(reply: FastifyReply): Promise<FastifyReply> {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', POLICY)
    .send(PAGE);
}

/** What the page loads. Most services are never asked for it: it is read when it is. */
export function addGraphiql(app: FastifyInstance): void {
  let files: Promise<ReadonlyMap<string, File>> | null = null;
  app.get<{ Params: { name: string } }>('/graphiql/:name', async (request, reply) => {
    files ??= readFiles();
    const file = (await files).get(request.params.name);
    if (file === undefined) {
      reply.callNotFound();
      return reply;
    }
    // revalidated, so that a new version comes at once and the same one costs nothing
    reply.header('cache-control', 'no-cache').header('etag', file.etag);
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    return reply.type(file.type).send(file.content);
  });
}

type File = { readonly type: string; readonly content: Buffer; readonly etag: string };

async function readFiles(): Promise<ReadonlyMap<string, File>> {
  const { css, js, editorWorkerService, graphqlWorker, jsonWorker } =
    await import('@graphql-yoga/render-graphiql/graphiql');
  const texts = {
    'graphiql.css': css,
    'graphiql.js': js,
    'start.js': startScript(readQuestions()),
    [WORKERS.editorWorkerService]: editorWorkerService,
    [WORKERS.graphql]: graphqlWorker,
    [WORKERS.json]: jsonWorker,
  };
  return new Map(
    Object.entries(texts).map(([name, text]) => {
      const content = Buffer.from(text);
      const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
      const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
      return [name, { type: `${type}; charset=utf-8`, content, etag }];
    }),
  );
}

/** An installation without the documentation has an editor without questions. */
function readQuestions(): Question[] {
  let text: string;
  try {
    text = readFileSync(QUESTIONS, 'utf8');
  } catch {
    return [];
  }
  return questionsIn(text);
}

/** Operations get names, because that is what the editor writes on its tabs. */
export function questionsIn(text: string): Question[] {
  return [...text.matchAll(QUESTION)].map(([, title = '', query = '']) => ({
    title,
    query: query.replace(ANONYMOUS, (_, kind = 'query') => `${String(kind)} ${nameOf(title)} `),
  }));
}

const ANONYMOUS = /^(?:(query|mutation) *)?(?=[({])/;

/** `What runs in production?` as `WhatRunsInProduction`. */
function nameOf(title: string): string {
  const words = title.match(/[a-z]+/gi) ?? [];
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}

function startScript(questions: readonly Question[]): string {
  const tabs = questions.map(({ title, query }) => ({ query: `# ${title}\n${query}` }));
  return `'use strict';
const workers = ${JSON.stringify(WORKERS)};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => '/graphiql/' + workers[label] };
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#graphiql'), {
  endpoint: '/graphql', title: 'Stemma', logo: ' ', ${tabs.length === 0 ? '' : `defaultTabs: ${JSON.stringify(tabs)},`}
});
`;
}
