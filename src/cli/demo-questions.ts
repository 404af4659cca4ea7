import type { Client } from './client.ts';
import { shortKey } from './running.ts';

/** A question with the GraphQL that was sent and what came back. */
export type Answer = {
  readonly question: string;
  readonly query: string;
  readonly answer: unknown;
  /** The answer in sentences. */
  readonly summary?: readonly string[];
};

type Entity = { readonly __typename: string; readonly key: string; readonly name: string | null };
type Lineage = {
  readonly root: Entity & { readonly id: string };
  readonly nodes: readonly {
    readonly depth: number;
    readonly node: Entity & Readonly<Record<string, unknown>>;
  }[];
  readonly truncated: boolean;
};

const LINEAGE = (direction: 'UPSTREAM' | 'DOWNSTREAM'): string => `query Lineage($of: ID!) {
  lineage(of: $of, direction: ${direction}) {
    root { __typename id key name }
    nodes {
      depth
      node {
        __typename
        key
        name
        ... on Deployment { deploymentState: state environment { name } service { name } }
        ... on Build { buildState: state finishedAt builder { key } }
        ... on Commit { message committedAt }
      }
    }
    truncated
  }
}`;

const QUESTIONS: readonly {
  readonly question: string;
  readonly ref: string;
  readonly direction: 'UPSTREAM' | 'DOWNSTREAM';
  /** Kinds of nodes that answer the question. */
  readonly about: readonly string[];
}[] = [
  {
    question: 'What is slsa-verifier in production made of: which artifact, build and commit?',
    ref: 'https://deploy.example.com/acme#verifier-production-1',
    direction: 'UPSTREAM',
    about: ['Artifact', 'Build', 'Commit'],
  },
  {
    question:
      'Where did commit a438882 (tag v2.0.1) go: what was built from it, and where does that run?',
    ref: 'a43888265e1f6aae98c924538298944f2721dcf0',
    direction: 'DOWNSTREAM',
    about: ['Build', 'Artifact', 'Deployment'],
  },
  {
    question:
      'What does the advisory GO-2024-2687 (CVE-2023-45288, HTTP/2 CONTINUATION flood) touch?',
    ref: 'GO-2024-2687',
    direction: 'DOWNSTREAM',
    about: ['PackageVersion', 'Artifact', 'Deployment'],
  },
];

/** Asks what an analyst would ask of the demo's graph. */
export async function askQuestions(client: Client): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { question, ref, direction, about } of QUESTIONS) {
    const { resolve } = await client.graphql<{ resolve: { id: string } | null }>(
      'query Resolve($ref: String!) { resolve(ref: $ref) { id } }',
      { ref },
    );
    const query = LINEAGE(direction);
    if (resolve === null) {
      answers.push({ question, query, answer: null, summary: [`${ref} is not in the graph.`] });
      continue;
    }
    const { lineage } = await client.graphql<{ lineage: Lineage }>(query, { of: resolve.id });
    answers.push({ question, query, answer: lineage, summary: summarise(lineage, about) });
  }
  return answers;
}

function summarise({ nodes }: Lineage, about: readonly string[]): string[] {
  return nodes
    .filter(({ node }) => about.includes(node.__typename))
    .sort((a, b) => a.depth - b.depth || (a.node.key < b.node.key ? -1 : 1))
    .flatMap(({ depth, node }) => {
      const indent = '  '.repeat(depth - 1);
      const builder = node['builder'] as { key: string } | null | undefined; // as asked for above
      return [
        `${indent}${node.__typename} ${describe(node)}`,
        ...(builder ? [`${indent}  by ${builder.key}`] : []),
      ];
    });
}

function describe(node: Lineage['nodes'][number]['node']): string {
  const { name } = node;
  const key = shortKey(node.key);
  const parts = [name === null || name === node.key ? key : `${name} (${key})`];
  const environment = node['environment'] as { name: string } | null | undefined; // as asked for above
  if (environment) parts.push(`in ${environment.name}`);
  const state = node['deploymentState'] ?? node['buildState'];
  if (typeof state === 'string') parts.push(state.toLowerCase());
  return parts.join(', ');
}

/** Question and answer for a terminal, with the GraphQL between them where that is wanted. */
export function showAnswer(
  { question, query, answer, summary }: Answer,
  withQuery: boolean,
): string {
  const count = (answer as Lineage | null)?.nodes.length ?? 0;
  return [
    '',
    `■ ${question}`,
    ...(withQuery ? ['', ...query.split('\n').map((line) => `    ${line}`), ''] : []),
    ...(summary ?? []).map((line) => `  ${line}`),
    `  (${count} nodes in the answer)`,
  ].join('\n');
}
