/** Schemes whose authority may hold a user. */
const WITH_USER = /^(?:git\+)?(?:https?|ssh|git|ftp|ws|wss)$/;

/** A URI with its scheme and host in lower case, and without the user: what stands there may be a secret, and is no part of a name. */
export function lowerCaseHost(uri: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(uri);
  if (parts === null) return uri;
  const [, name = '', authority = '', rest = ''] = parts;
  const scheme = name.toLowerCase();
  const host = WITH_USER.test(scheme) ? authority.replace(/^.*@/, '') : authority;
  return `${scheme}://${host.toLowerCase()}${rest}`;
}

/** A URI as it is written, without the user before the host: what stands there may be a secret. */
export function withoutUser(uri: string): string {
  if (!uri.includes('@')) return uri;
  return uri.replace(/^((?:git\+)?(?:https?|ssh|git|ftp|wss?):\/\/)[^/?#]*@/i, '$1');
}

/** A URI whose scheme was put before it twice, as scripts do that write `https://$GITHUB_SERVER_URL`, with its own scheme alone. */
export function withOneScheme(uri: string): string {
  return uri.replace(/^(git\+)?(?:https?:\/\/)+(?=https?:\/\/)/i, '$1');
}
