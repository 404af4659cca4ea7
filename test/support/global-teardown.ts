/** Stops what global-setup.ts started. */
export default async function stopServers(): Promise<void> {
  const servers = globalThis.stemmaTestServers ?? [];
  await Promise.allSettled(servers.map(async (server) => server.stop()));
}
