const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a Host header may address this server. A web page can point a name of its own at 127.0.0.1 (DNS rebinding) and then
 * talk to us as same-origin; the Host header gives it away.
 *
 * @param bound the address that the server listens on
 * @param allowed further names, without port, by configuration
 */
export function createHostCheck(
  bound: string,
  allowed: readonly string[],
): (host: string | undefined) => boolean {
  const isLoopback = bound === '::1' || LOOPBACK.has(bound);
  if (!isLoopback && allowed.length === 0) return () => true;
  const names = new Set([...LOOPBACK, ...allowed.map((name) => name.toLowerCase())]);
  return (host) => host !== undefined && names.has(host.toLowerCase().replace(/:\d{1,5}$/, ''));
}
