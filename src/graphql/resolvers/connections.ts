import { checkRange } from '../arguments.ts';
import type { CountedConnection } from '../parents.ts';

/** The types of lists of things, which can be counted. */
export const COUNTED_CONNECTIONS = [
  'EntityConnection',
  'CommitConnection',
  'RepositoryConnection',
  'BuildConnection',
  'ArtifactConnection',
  'ResourceConnection',
  'PackageConnection',
  'PackageVersionConnection',
  'DeploymentConnection',
  'StepConnection',
  'EnvironmentConnection',
  'AttestationConnection',
  'DocumentConnection',
  'IdentityConnection',
  'VulnerabilityConnection',
  'WorkflowConnection',
] as const;

/** The most that is counted at once. */
const MOST_COUNTED = 100_000;

const counted = {
  totalCount: async (
    { count }: CountedConnection,
    { upTo }: { readonly upTo: number },
  ): Promise<number | null> => {
    checkRange('upTo', upTo, MOST_COUNTED);
    return count(upTo);
  },
};

export const connectionTypes = Object.fromEntries(
  COUNTED_CONNECTIONS.map((name) => [name, counted]),
) as Record<(typeof COUNTED_CONNECTIONS)[number], typeof counted>;
