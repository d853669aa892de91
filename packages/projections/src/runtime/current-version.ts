import type { DecodedEventMessage } from '@perennial/broker';
import { eventDefinitions } from '@perennial/domain';
import { decodeData, createEventRegistry } from '@perennial/event-store';
import type { LogItem } from '../projection/log-item.ts';

const registry = createEventRegistry(eventDefinitions);

/**
 * An event of `EVENTS` as this release knows it: the relay that published it may have been an older one, or a newer one
 * during an upgrade. What cannot be brought to the current version is undecodable, so that its stream waits.
 */
export function ofCurrentVersion(
  message: Pick<Extract<DecodedEventMessage, { kind: 'event' }>, 'event' | 'dataVersion'>,
): LogItem {
  const { event, dataVersion } = message;
  const current = registry.find(event.type)?.schemaVersion;
  if (current === undefined || current === dataVersion) return { kind: 'event', event };
  return decodeData(event, dataVersion, registry);
}
