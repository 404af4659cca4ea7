import { StemmaError } from '../errors.ts';
import type { Role } from './role.ts';

/** Every role that a process can play, in the order in which they start. */
const ROLES: Readonly<Record<string, () => Promise<{ readonly role: Role }>>> = {
  graph: async () => import('./graph.ts'),
  metrics: async () => import('./metrics.ts'),
  watch: async () => import('./watch.ts'),
  api: async () => import('./api.ts'),
};

/**
 * @param names null: all of them
 * @param further beside those of this program
 * @throws StemmaError CONFIGURATION_INVALID
 */
export async function rolesOf(
  names: readonly string[] | null,
  further: readonly Role[] = [],
): Promise<Role[]> {
  const known = [...Object.keys(ROLES), ...further.map(({ name }) => name)];
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new StemmaError(
      'CONFIGURATION_INVALID',
      `There is no role '${unknown.join("', '")}': STEMMA_ROLES, or --roles, takes ${known.join(', ')}.`,
    );
  }
  const isWanted = (name: string): boolean => names?.includes(name) ?? true;
  const own = Object.entries(ROLES).filter(([name]) => isWanted(name));
  return [
    ...(await Promise.all(own.map(async ([, load]) => (await load()).role))),
    ...further.filter(({ name }) => isWanted(name)),
  ];
}
