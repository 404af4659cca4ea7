import type { Graph } from '../driver.ts';
import type { Statement, Statements } from '../statement.ts';

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
];

/** Statements of one transaction are planned one after another, so there are as many as a small database server has cores. */
const SIDE_BY_SIDE = 2;
const LIMIT_MS = 120_000;

/**
 * Has the database plan what a writer runs every day, with nothing to write: one that has just been started takes a while for each of
 * the first plans, and batches that wait for theirs wait for each other's locks as well. (EXPLAIN does not help: what it plans is not
 * what is run.) Once planned, this takes a moment. The rest is planned when it is first needed.
 *
 * @throws driver errors; nothing depends on it
 */
export async function compilePlans(graph: Graph, statements: Statements): Promise<void> {
  const all = everyday(statements);
  const shares = Array.from({ length: SIDE_BY_SIDE }, (_, share) =>
    all.filter((_statement, at) => at % SIDE_BY_SIDE === share),
  );
  await Promise.all(
    shares.map(async (share) =>
      graph.write(
        'write/plans',
        async (run) => {
          for (const statement of share) {
            await run(statement, Object.fromEntries(statement.params.map((name) => [name, []])));
          }
        },
        { timeoutMs: LIMIT_MS },
      ),
    ),
  );
}

function everyday(statements: Statements): Statement[] {
  return [
    ...statements.names.filter((name) =>
      /^write\/(node|identity\/remember|implied-edge)\//.test(name),
    ),
    ...EDGES.map((edge) => `write/new-edge/${edge}`),
    ...['write/log/events', 'write/log/withdrawn', 'lookup/missing-events'],
  ].map((name) => statements.get(name));
}
