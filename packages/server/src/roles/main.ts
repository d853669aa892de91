/**
 * Entry of a role process: loads its modules, waits to be configured, runs its roles until it is told to stop.
 *
 * @module
 */
import { composeProcess, type ComposedProcess } from './compose.ts';
import type { EngineAddresses, RoleMessage, SupervisorMessage } from './messages.ts';
import { prepareProcess, type Prepared } from './prepare.ts';

const name = process.argv[2] ?? 'roles';
const stopping = new AbortController();
let prepared: Prepared | undefined;
let composed: Promise<ComposedProcess> | undefined;

process.on('message', (message: SupervisorMessage) => {
  switch (message.kind) {
    case 'prepare':
      prepared = prepareProcess(message.configuration);
      return;
    case 'run':
      composed ??= start(message.engines);
      // Reported as fatal already; whoever stops the process looks at the same promise.
      composed.catch(() => undefined);
      return;
    case 'stop':
      void end();
      return;
    default:
      throw new Error(`unknown message ${JSON.stringify(message satisfies never)}`);
  }
});
// The supervisor is gone, and embedded engines with it: what is in flight will be found again at the next start.
process.once('disconnect', () => process.exit(1));
// The supervisor passes signals on as messages; a terminal's own signal must not cut the draining short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

tell({ kind: 'loaded' });

async function start(engines: EngineAddresses): Promise<ComposedProcess> {
  try {
    if (!prepared) throw new Error('a role process was told to run before it was prepared');
    const started = await composeProcess({
      name,
      prepared,
      engines,
      progress: (text) => tell({ kind: 'progress', text }),
      signal: stopping.signal,
      fatal,
    });
    tell({ kind: 'ready', ...started.address });
    return started;
  } catch (error) {
    fatal(error);
    throw error;
  }
}

async function end(): Promise<void> {
  stopping.abort();
  await composed?.then(
    (started) => started.stop(),
    () => undefined,
  );
  process.exit(0);
}

/** Stops the whole start: a restart would meet the same fault again. */
function fatal(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'INTERNAL' && error instanceof Error) console.error(error.stack);
  tell({ kind: 'fatal', code, message: text });
}

function tell(message: RoleMessage): void {
  process.send?.(message);
}
