/**
 * Whether a version is what tools write where there is no release: it stands for each local build.
 *
 * - `0.0.0`: setuptools-scm and Poetry's plug-ins without a tag, workspaces of npm and Cargo
 * - `0.0.0-development`, `0.0.0-semantically-released` (semantic-release), `0.0.0-use.local` (Yarn), `0.0.0+unknown` (versioneer)
 */
export function isUnreleased(version: string): boolean {
  return /^v?0\.0\.0(?:$|[-+])/.test(version) && !isPseudoVersion(version);
}

/** `v0.0.0-20240102030405-0123456789ab`: Go's name of a commit without a tag. @see https://go.dev/ref/mod#pseudo-versions */
function isPseudoVersion(version: string): boolean {
  return /-\d{14}-[0-9a-f]{12}(?:\+\w+)?$/.test(version);
}
