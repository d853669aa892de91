import { convertToCommandError } from '@eventstore/db-client';
import { createBackoff } from './backoff.ts';
import type { Connection } from './client/connection.ts';
import { repliesOnce } from './client/replies.ts';
import { EventStoreClosedError, EventStoreUnavailableError } from './errors.ts';
import { classifyFailure } from './failure-class.ts';
import type { DoorContext } from './options.ts';
import { translateFailure } from './translate.ts';

/**
 * Reads one event of the log, trying again until `timeoutMs` are over. It also warms a fresh connection: many calls at
 * once on a cold one hang.
 * @throws EventStoreUnavailableError, or at once what no repetition can cure (AccessDeniedError, …).
 */
export async function ping(connection: Connection, context: DoorContext, timeoutMs: number): Promise<void> {
  const backoff = createBackoff(context.bounds);
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    if (connection.closed) throw new EventStoreClosedError('reach the event store');
    try {
      return await readOne(connection, Math.max(1, endsAt - performance.now()));
    } catch (thrown) {
      const error = thrown instanceof Error ? convertToCommandError(thrown) : thrown;
      if (classifyFailure(error) !== 'transient') throw translateFailure(error, 'read the log');
      connection.failed(error);
      if (performance.now() >= endsAt) {
        throw new EventStoreUnavailableError('reach the event store', `no answer in ${timeoutMs} ms`, { cause: error });
      }
    }
    await backoff.pause(AbortSignal.timeout(Math.max(1, Math.ceil(endsAt - performance.now()))));
  }
}

async function readOne(connection: Connection, silenceMs: number): Promise<void> {
  const request = { kind: 'all', from: 'end', direction: 'backwards', filter: undefined, maxCount: 1 } as const;
  for await (const _replies of repliesOnce(connection, request, { silenceMs, direct: false })) break;
  connection.succeeded();
}
