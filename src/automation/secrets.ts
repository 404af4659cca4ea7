import { StemmaError } from '../errors.ts';
import type { SecretRef } from '../model/deliveries.ts';

/** What variables with secrets begin with: a definition can send no other variable away. */
export const SECRET_PREFIX = 'STEMMA_SECRET_';

export type Secrets = {
  /** @throws StemmaError CONFIGURATION_INVALID naming the variable, never its value */
  of(ref: SecretRef): string;
};

export function createSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  return {
    of({ env }) {
      const value = env.startsWith(SECRET_PREFIX) ? environment[env] : undefined;
      if (value !== undefined && value !== '') return value;
      throw new StemmaError(
        'CONFIGURATION_INVALID',
        `${env.slice(0, 120)} is not set: set it for the process with the role watch; secrets begin with ${SECRET_PREFIX}.`,
      );
    },
  };
}
