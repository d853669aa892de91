import { parseStream, type PlatformEventData } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { defineProjection, rootKey } from '../projection/projection.ts';
import { seatUses } from './seats.ts';
import { userLicenses } from './user-licenses.ts';

/** Streams of tenants. */
const tenantPrefix = 'tenant-';

/** A tenant, as far as the read side needs it. */
type Tenant = { readonly tenant: string };

/** Guards the rows of a tenant's stream. */
export const tenants = defineProjection<Tenant>({
  name: 'tenants',
  version: 1,
  table: { name: 'tenants', columns: [], indexes: ['(stream) where parked_revision is not null'] },
  handles: { streamPrefix: tenantPrefix, types: 'all' },
  root: true,
  keys: () => [rootKey],
  apply: (event, tenant) => tenant ?? { tenant: tenantOf(event) },
  columns: () => ({}),
});

/** Who was erased: no row says anything about them any more (`set/forget-people.ts`). The key is the person id. */
export const erasedPeople = defineProjection<Tenant>({
  name: 'erased-people',
  version: 1,
  table: { name: 'erased_people', columns: [], indexes: ['(key)', '(position)'] },
  handles: { streamPrefix: tenantPrefix, types: new Set(['PersonErased']) },
  root: false,
  forgetsRowsOf: [userLicenses.name, seatUses.name],
  keys: (event) => [dataOf(event).personId],
  apply: (event, row) => row ?? { tenant: tenantOf(event) },
  columns: () => ({}),
});

function dataOf(event: RecordedEvent): PlatformEventData<'PersonErased'> {
  // Validated by the door; only events of this type come here.
  return event.data as PlatformEventData<'PersonErased'>;
}

function tenantOf(event: RecordedEvent): string {
  const named = parseStream(event.stream);
  if (named?.kind !== 'tenant') throw new Error(`${event.stream} is not the stream of a tenant`);
  return named.tenant;
}
