/**
 * What the supervisor and its role processes tell each other over IPC.
 *
 * @module
 */
import type { Configuration, RoleName } from '../configuration/configuration.ts';

/** Addresses of the engines, embedded or configured. */
export type EngineAddresses = {
  readonly eventStoreUrl: string;
  readonly nats: {
    readonly url: string;
    readonly credsPath?: string;
    readonly tlsCaPath?: string;
    /** Whether the server promises a synced write per message; null = not known to us. */
    readonly syncAlways: boolean | null;
  };
  /** `null`: the process opens the embedded database below the data directory. */
  readonly databaseUrl: string | null;
};

/** The configuration in a form that survives IPC. */
export type PortableConfiguration = Omit<Configuration, 'roles'> & {
  /** What this process runs. */
  readonly roles: readonly RoleName[];
  /** What the whole start runs, in this process and in others. */
  readonly rolesOfStart: readonly RoleName[];
};

/** From the supervisor to a role process. */
export type SupervisorMessage =
  /** First: what needs no engine can begin while they start. */
  | { readonly kind: 'prepare'; readonly configuration: PortableConfiguration }
  /** Then: the engines answer. */
  | { readonly kind: 'run'; readonly engines: EngineAddresses }
  /** Drain and end. */
  | { readonly kind: 'stop' };

/** From a role process to the supervisor. */
export type RoleMessage =
  /** Modules are loaded: waiting for `prepare`. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'ready'; readonly url?: string; readonly port?: number }
  /** A fault that a restart would not cure: the whole start stops with it. */
  | { readonly kind: 'fatal'; readonly code: string; readonly message: string };
