import { fileURLToPath } from 'node:url';

/** Where scripts/setup.mjs puts the servers that it fetches: programs belong to the checkout, only data to a home. */
export const SERVERS_DIR = fileURLToPath(new URL('../../.stemma/servers', import.meta.url));
