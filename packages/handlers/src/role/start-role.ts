import type { Role, RoleState } from './role.ts';

/** What a role's body is given. */
export type RoleLifecycle = {
  /** Aborts when the role has to drain and end. */
  readonly signal: AbortSignal;
  /** Says that all is well. */
  readonly running: (detail?: string) => void;
  /** Says what it is retrying. */
  readonly failing: (detail: string) => void;
};

/** Runs a role's body until it ends: it must return soon after `signal` aborts, and throws only on a fatal fault. */
export function startRole(name: string, body: (lifecycle: RoleLifecycle) => Promise<void>): Role {
  const abort = new AbortController();
  let state: RoleState = 'starting';
  let detail = 'starting';
  const set = (next: RoleState, text: string) => {
    if (state === 'stopped') return;
    state = next;
    detail = text;
  };
  const stopped = body({
    signal: abort.signal,
    running: (text = 'running') => set('running', text),
    failing: (text) => set('failing', text),
  }).then(
    () => set('stopped', 'stopped'),
    (error: unknown) => {
      set('stopped', error instanceof Error ? error.message : String(error));
      throw error;
    },
  );
  // The composing process listens to `stopped`; until it does, a fault must not count as unhandled.
  stopped.catch(() => undefined);
  return {
    name,
    stopped,
    status: () => ({ state, detail }),
    stop: () => {
      abort.abort();
      return stopped.catch(() => undefined);
    },
  };
}
