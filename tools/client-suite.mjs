// Runs the streams tests of the client's own public suite against the embedded event store:
//
//   node tools/client-suite.mjs <checkout of the client's repository at v6.2.1> [jest arguments]
//
// The suite stays outside the project: it is copied to a temporary directory, with one file put in the place of the
// helper that would start Docker. Needs npm, openssl, and a built workspace (`npx tsc -b`).
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [checkout, ...jestArguments] = process.argv.slice(2);
if (!checkout || !existsSync(join(checkout, 'packages/test/src/streams'))) {
  fail("Name a checkout of the client's repository: node tools/client-suite.mjs <checkout> [jest arguments]");
}
const server = join(root, 'packages/embedded/dist/event-store/main.js');
if (!existsSync(server)) fail('Build the workspace first: npx tsc -b');

const work = mkdtempSync(join(tmpdir(), 'client-suite-'));
try {
  copySuite();
  createCertificate();
  install();
  process.exitCode = runJest();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function copySuite() {
  cpSync(join(resolve(checkout), 'packages/test/src'), join(work, 'src'), { recursive: true });
  rmSync(join(work, 'src/utils/Cluster.ts'));
  const standIn = JSON.stringify(join(root, 'tools/client-suite/cluster.cjs'));
  writeFileSync(join(work, 'src/utils/Cluster.js'), `module.exports = require(${standIn});\n`);
}

function createCertificate() {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', join(work, 'key.pem'), '-out', join(work, 'certificate.pem')];
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files]);
}

/** The versions the suite itself names; the client is the one this workspace uses. */
function install() {
  const dependencies = {
    '@types/jest': '^27.5.2',
    'get-port': '^5.1.1',
    jest: '^27.5.1',
    'ts-jest': '^27.1.5',
    typescript: '^4.9.5',
    uuid: '^8.3.2',
  };
  writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, dependencies }));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(join(work, 'node_modules/@eventstore'), { recursive: true });
  const client = realpathSync(join(root, 'packages/embedded/node_modules/@eventstore/db-client'));
  symlinkSync(client, join(work, 'node_modules/@eventstore/db-client'));
}

function runJest() {
  const compilerOptions = { target: 'es2020', module: 'commonjs', isolatedModules: true };
  const config = {
    testTimeout: 60_000,
    preset: 'ts-jest',
    testMatch: ['**/src/streams/**/*.test.ts'],
    moduleNameMapper: { '@test-utils': '<rootDir>/src/utils' },
    globals: { 'ts-jest': { tsconfig: compilerOptions, isolatedModules: true, diagnostics: false } },
  };
  writeFileSync(join(work, 'jest.config.json'), JSON.stringify(config));
  const jest = join(work, 'node_modules/jest/bin/jest.js');
  const { status } = spawnSync(process.execPath, [jest, '--ci', '--runInBand', '--forceExit', ...jestArguments], {
    cwd: work,
    stdio: 'inherit',
    env: { ...process.env, CLIENT_SUITE_SERVER: server, CLIENT_SUITE_CERTIFICATES: work },
  });
  return status ?? 1;
}

function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) fail(`"${command} ${args[0]}" failed: ${error?.message ?? String(stderr).trim()}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
