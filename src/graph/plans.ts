import type { Graph } from './driver.ts';
import type { Statements } from './statement.ts';

/** Edges that commits, builds, artifacts, deployments, advisories and SBOMs claim every day. */
const EDGES = [
  'AFFECTS/Vulnerability/PackageVersion',
  'ATTESTS/Attestation/Artifact',
  'BUILT_FROM/Build/Commit',
  'CONCERNS/Vulnerability/Package',
  'CONTAINS/Artifact/PackageVersion',
  'DEPENDS_ON/PackageVersion/PackageVersion',
  'DEPLOYS/Deployment/Artifact',
  'DESCRIBES/Document/Artifact',
  'GENERATED_BY/Artifact/Build',
  'IN_REPOSITORY/Commit/Repository',
  'PACKAGED_AS/Artifact/PackageVersion',
  'PACKAGED_AS/PackageVersion/Artifact',
  'PARENT/Commit/Commit',
  'RAN_ON/Build/Builder',
  'RESOLVED_TO/Resource/Artifact',
  'SIGNED_BY/Artifact/Identity',
  'TARGETS/Deployment/Environment',
  'TARGETS/Deployment/Service',
  'USED/Build/Artifact',
  'USED/Build/PackageVersion',
  'USED/Build/Resource',
  'VERSION_OF/PackageVersion/Package',
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
    ...statements.names.filter((name) => name.startsWith('write/identity/remember/')),
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
