// Packages depend in one direction only (docs/architecture.md). The rule is checked here on the imports themselves,
// because a linter sees one file at a time and a workspace resolves any sibling that happens to be installed.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const allowed = {
  domain: [],
  'event-store': [],
  broker: [],
  embedded: [],
  handlers: ['domain', 'event-store', 'broker'],
  projections: ['domain', 'event-store', 'broker'],
  audit: ['domain', 'event-store'],
  server: ['domain', 'event-store', 'broker', 'handlers', 'projections', 'audit', 'embedded'],
};
const forbiddenInDomain = /^(node:|pg$|nats$|lmdb$|@eventstore\/)/;
const problems = [];

for (const [name, siblings] of Object.entries(allowed)) {
  for (const file of sources(join('packages', name, 'src'))) {
    const isTest = file.endsWith('.test.ts');
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      const sibling = /^@perennial\/([^/]+)(\/.*)?$/.exec(specifier);
      if (sibling?.[2]) problems.push(`${file}: import ${specifier} reaches past the package's index`);
      if (sibling && !siblings.includes(sibling[1])) problems.push(`${file}: ${name} may not import ${specifier}`);
      if (name === 'domain' && !isTest && forbiddenInDomain.test(specifier)) {
        problems.push(`${file}: the domain is pure and may not import ${specifier}`);
      }
      if (/^@eventstore\/db-client(\/|$)/.test(specifier) && name !== 'event-store' && name !== 'embedded') {
        problems.push(`${file}: only packages/event-store talks to the event store's client`);
      }
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('package dependencies: in order');

function sources(directory) {
  return readdirSync(directory).flatMap((entry) => {
    const path = join(directory, entry);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}
