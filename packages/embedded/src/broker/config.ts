import { isAtLeast, syncAlwaysVersion } from './version.ts';

/** What the generated configuration depends on. */
export interface BrokerConfigOptions {
  readonly version: string;
  /** A port, or -1 for any free one. */
  readonly port: number;
  readonly storeDirectory: string;
  readonly runDirectory: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** Bound of everything all streams may hold. */
  readonly storageMaxBytes: number;
}

/** Whether this version can sync every message before it acknowledges it. */
export function canSyncAlways(version: string): boolean {
  return isAtLeast(version, syncAlwaysVersion);
}

/**
 * The text of a nats-server configuration file for one loopback node. `sync_interval` stands in it only where the
 * version knows the word: an older server refuses to start on it.
 */
export function brokerConfig(options: BrokerConfigOptions): string {
  const sync = canSyncAlways(options.version) ? ['  sync_interval: always'] : [];
  return [
    'server_name: perennial',
    'host: "127.0.0.1"',
    `port: ${options.port}`,
    'http: "127.0.0.1:-1"',
    `ports_file_dir: ${JSON.stringify(options.runDirectory)}`,
    `pid_file: ${JSON.stringify(options.pidFile)}`,
    `log_file: ${JSON.stringify(options.logFile)}`,
    'logfile_size_limit: 10MB',
    'max_payload: 1MB',
    'jetstream {',
    `  store_dir: ${JSON.stringify(options.storeDirectory)}`,
    '  max_mem: 64MB',
    `  max_file: ${options.storageMaxBytes}`,
    ...sync,
    '}',
    '',
  ].join('\n');
}
