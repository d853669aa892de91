/**
 * The environment, read once and checked (`docs/configuration.md`). A bad value stops the start with one sentence that
 * names the variable.
 *
 * @module
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** What a process of Perennial does. */
export const roleNames = ['intake', 'relay', 'projections', 'timers', 'api'] as const;

/** See {@link roleNames}. */
export type RoleName = (typeof roleNames)[number];

/** Roles that read or write the read database. */
export const sqlRoles: ReadonlySet<RoleName> = new Set(['projections', 'timers', 'api']);

/** Who may call the API. */
export type AuthConfiguration =
  | { readonly mode: 'none' }
  | { readonly mode: 'jwt'; readonly jwksUrl?: string; readonly secret?: string };

/** The whole configuration; `null` engines are the embedded ones. */
export type Configuration = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Absolute path of the data directory. */
  readonly dataDirectory: string;
  readonly eventStoreUrl: string | null;
  readonly nats: { readonly url: string; readonly credsPath?: string; readonly tlsCaPath?: string } | null;
  readonly databaseUrl: string | null;
  readonly roles: ReadonlySet<RoleName>;
  /** `null` = the system clock; else the first value of the virtual clock. */
  readonly virtualClockStart: string | null;
  readonly auth: AuthConfiguration;
  readonly stripeWebhookSecret: string | null;
  /** Path of a catalogue to publish at start. */
  readonly cataloguePath: string | null;
  /** Publish this log from its beginning and make the read models anew (`docs/operating.md`, Recovery). */
  readonly relayReset: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
};

/** A value of the environment cannot be used. Its message is one sentence naming the variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'CONFIGURATION_INVALID';
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * Reads the configuration from the environment. An empty variable counts as absent.
 *
 * @throws ConfigurationError naming the variable, what it holds and what it should hold.
 */
export function readConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): Configuration {
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const host = read('HOST') ?? '127.0.0.1';
  const auth = readAuth(read, host);
  return {
    host,
    port: readPort(read('PORT')),
    dataDirectory: readDataDirectory(read('PERENNIAL_DATA'), workingDirectory),
    eventStoreUrl: readUrl('EVENTSTORE_URL', read('EVENTSTORE_URL'), ['esdb:', 'esdb+discover:']),
    nats: readNats(read),
    databaseUrl: readUrl('DATABASE_URL', read('DATABASE_URL'), ['postgres:', 'postgresql:']),
    roles: readRoles(read('PERENNIAL_ROLES')),
    virtualClockStart: readClock(read('PERENNIAL_CLOCK')),
    auth,
    stripeWebhookSecret: read('STRIPE_WEBHOOK_SECRET') ?? null,
    cataloguePath: readFilePath('PERENNIAL_CATALOGUE', read('PERENNIAL_CATALOGUE'), workingDirectory),
    relayReset:
      readChoice('PERENNIAL_RELAY_RESET', read('PERENNIAL_RELAY_RESET') ?? 'no', ['no', 'yes'] as const) === 'yes',
    logLevel: readChoice('LOG_LEVEL', read('LOG_LEVEL') ?? 'info', logLevels),
  };
}

function refuse(name: string, value: string, wanted: string): never {
  throw new ConfigurationError(`${name} is "${value}", but must be ${wanted}.`);
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 8080;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) refuse('PORT', text, 'a port number from 0 (any free port) to 65535');
  return port;
}

function readDataDirectory(text: string | undefined, workingDirectory: string): string {
  const path = resolve(workingDirectory, text ?? '.perennial');
  if (!existsSync(path)) return path;
  if (!statSync(path).isDirectory()) refuse('PERENNIAL_DATA', path, 'a directory, not a file');
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    refuse('PERENNIAL_DATA', path, 'a directory that this user may read and write');
  }
  return path;
}

function readUrl(name: string, text: string | undefined, protocols: readonly string[]): string | null {
  if (text === undefined) return null;
  const wanted = `a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const protocol = /^([a-z+]+:)\/\/[^/\s]/i.exec(text)?.[1]?.toLowerCase();
  // The value may hold a password, so only its beginning is repeated.
  if (protocol === undefined || !protocols.includes(protocol)) refuse(name, `${text.slice(0, 8)}…`, wanted);
  return text;
}

function readNats(read: (name: string) => string | undefined): Configuration['nats'] {
  const credsPath = read('NATS_CREDS');
  const tlsCaPath = read('NATS_TLS_CA');
  const text = read('NATS_URL');
  for (const [name, path] of [
    ['NATS_CREDS', credsPath],
    ['NATS_TLS_CA', tlsCaPath],
  ] as const) {
    if (path !== undefined && text === undefined) refuse(name, path, 'left out unless NATS_URL is set too');
    if (path !== undefined && !existsSync(path)) refuse(name, path, 'the path of a file that exists');
  }
  if (text === undefined) return null;
  for (const url of text.split(',')) readUrl('NATS_URL', url.trim(), ['nats:', 'tls:', 'ws:', 'wss:']);
  return { url: text, ...(credsPath && { credsPath }), ...(tlsCaPath && { tlsCaPath }) };
}

function readRoles(text: string | undefined): ReadonlySet<RoleName> {
  if (text === undefined) return new Set(roleNames);
  const names = text.split(',').map((name) => name.trim());
  return new Set(names.map((name) => readChoice('PERENNIAL_ROLES', name, roleNames)));
}

function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  return choice ?? refuse(name, text, `one of ${choices.join(', ')}`);
}

function readClock(text: string | undefined): string | null {
  if (text === undefined || text === 'system') return null;
  const parsed = z.iso.datetime({ offset: true }).safeParse(text);
  if (!parsed.success) refuse('PERENNIAL_CLOCK', text, '"system" or an instant such as 2027-06-01T00:00:00Z');
  return new Date(parsed.data).toISOString();
}

function readAuth(read: (name: string) => string | undefined, host: string): AuthConfiguration {
  const mode = readChoice('PERENNIAL_AUTH', read('PERENNIAL_AUTH') ?? 'none', ['none', 'jwt'] as const);
  if (mode === 'none') {
    if (!loopback.has(host)) {
      throw new ConfigurationError(
        `PERENNIAL_AUTH is "none", which is accepted only while HOST is a loopback address; HOST is "${host}", so set PERENNIAL_AUTH=jwt.`,
      );
    }
    return { mode };
  }
  const jwksUrl = readUrl('PERENNIAL_JWKS_URL', read('PERENNIAL_JWKS_URL'), ['https:', 'http:']);
  const secret = read('PERENNIAL_JWT_SECRET');
  if (jwksUrl === null && secret === undefined) {
    throw new ConfigurationError('PERENNIAL_AUTH is "jwt", so PERENNIAL_JWKS_URL or PERENNIAL_JWT_SECRET must be set.');
  }
  if (secret !== undefined && Buffer.byteLength(secret) < 32) {
    throw new ConfigurationError('PERENNIAL_JWT_SECRET is too short: an HMAC secret must have at least 32 bytes.');
  }
  return { mode, ...(jwksUrl !== null && { jwksUrl }), ...(secret !== undefined && { secret }) };
}

function readFilePath(name: string, text: string | undefined, workingDirectory: string): string | null {
  if (text === undefined) return null;
  const path = resolve(workingDirectory, text);
  if (!existsSync(path) || !statSync(path).isFile()) refuse(name, text, 'the path of a file that exists');
  return path;
}
