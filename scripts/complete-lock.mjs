/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out because the registry at hand does
 * not carry them; without these entries `npm ci` refuses the file (EUSAGE). Run it after every change of the lock file
 * that was made against an incomplete mirror. Versions come from the packages that ask for them, which pin them exactly;
 * integrity hashes cannot be known here and are filled in by npm on a machine of that platform.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPUS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d/.test(version) || isLocked(path, name)) continue;
    const parts = name.split(/[/-]/);
    const os = SYSTEMS.filter((system) => parts.includes(system));
    const cpu = CPUS.filter((candidate) => parts.includes(candidate));
    if (os.length !== 1) continue; // not a platform package: npm must say what is wrong with it
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length === 0 ? {} : { cpu }),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os,
    };
    added.push(name);
  }
}

if (added.length > 0) {
  const entries = Object.entries(lock.packages);
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.error(`package-lock.json: ${added.length} entries added`);

/** As Node resolves: in the package's own node_modules, or in one above it. */
function isLocked(path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    if (lock.packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`] !== undefined)
      return true;
    if (base === '') return false;
  }
}
