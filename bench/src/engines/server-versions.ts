import { findNatsServer, findPostgres } from '@perennial/embedded';
import { caches } from './workspace.ts';

/** Versions of the servers that this run uses. */
export async function serverVersions(): Promise<Record<string, string>> {
  const nats = await findNatsServer({ env: process.env, cacheDirectory: caches.natsServer });
  const postgres = await findPostgres();
  return {
    'nats-server': nats.version,
    ...(postgres === undefined ? {} : { postgresql: String(postgres.majorVersion) }),
  };
}
