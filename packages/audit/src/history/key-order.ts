import type { KeyOrder } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { fieldOf } from '../log/field-of.ts';

/** What an order's own command id is made into, for the command that makes its subscription. */
const createPrefix = 'key:create:';

/** The command id of the order behind a command on a subscription; the same where there is none. */
export function orderOf(commandId: string): string {
  return commandId.startsWith(createPrefix) ? commandId.slice(createPrefix.length) : commandId;
}

/** The order that an event of a key's stream claims the key for. */
export function orderIn(event: RecordedEvent): KeyOrder | undefined {
  // The door validated the data against the schema of its type.
  return event.type === 'KeyReserved' ? (fieldOf(event, 'order') as KeyOrder) : undefined;
}
