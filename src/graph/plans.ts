import type { Graph } from './driver.ts';
import type { Statements } from './statement.ts';

/** Edges that commits, builds, artifacts, deployments, advisories and SBOMs claim every day. */
const EDGES = [
  'affects-vulnerability-packageversion',
  'attests-attestation-artifact',
  'built-from-build-commit',
  'concerns-vulnerability-package',
  'contains-artifact-packageversion',
  'depends-on-packageversion-packageversion',
  'deploys-deployment-artifact',
  'describes-document-artifact',
  'generated-by-artifact-build',
  'in-repository-commit-repository',
  'packaged-as-artifact-packageversion',
  'packaged-as-packageversion-artifact',
  'parent-commit-commit',
  'ran-on-build-builder',
  'resolved-to-resource-artifact',
  'signed-by-artifact-identity',
  'targets-deployment-environment',
  'targets-deployment-service',
  'used-build-artifact',
  'used-build-packageversion',
  'used-build-resource',
  'version-of-packageversion-package',
];

const LIMIT_MS = 120_000;

/**
 * Has the database plan what a writer runs every day, with nothing to write: a database that has just been started takes a second for
 * each of the first plans, and two batches that wait for theirs wait for each other's locks as well. (EXPLAIN does not help: what it
 * plans is not what is run.) Planned before, this takes a moment. The rest is planned when it is needed.
 *
 * @throws driver errors; nothing depends on it
 */
export async function compilePlans(
  graph: Graph,
  statements: Statements,
  signal: AbortSignal,
): Promise<void> {
  const names = [
    'write/log/events',
    ...statements.names.filter((name) => name.startsWith('write/node/')),
    ...EDGES.map((name) => `write/edge/${name}`),
    ...statements.names.filter((name) => name.startsWith('write/identity/remember-')),
    'write/log/withdrawn',
  ];
  await graph.write(
    'write/plans',
    async (run) => {
      for (const statement of names.map((name) => statements.get(name))) {
        if (signal.aborted) return;
        await run(statement, Object.fromEntries(statement.params.map((name) => [name, []])));
      }
    },
    { timeoutMs: LIMIT_MS },
  );
}
