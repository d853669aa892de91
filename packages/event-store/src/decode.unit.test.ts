import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { emptyHead } from './chain.ts';
import { decodeEvent } from './decode.ts';
import { EventRegistryError, UndecodableEventError } from './errors.ts';
import type { RawEvent } from './raw-event.ts';
import { createEventRegistry } from './registry.ts';
import { sealEvents } from './seal.ts';
import type { NewEvent } from './types.ts';

const decoding = suite('decoding');
const v1 = { type: 'SeatAssigned', schemaVersion: 1, schema: z.object({ person: z.string() }) };
const v3 = {
  type: 'SeatAssigned',
  schemaVersion: 3,
  schema: z.object({ person: z.string(), apps: z.array(z.string()), since: z.string() }),
  upcasters: [
    (data: unknown) => ({ ...(data as object), apps: [] }),
    (data: unknown, metadata: { effectiveAt: string }) => ({ ...(data as object), since: metadata.effectiveAt }),
  ],
};
const newEvent: NewEvent = {
  type: 'SeatAssigned',
  data: { person: 'p-1' },
  metadata: {
    effectiveAt: '2027-01-01T00:00:00.000Z',
    recordedAt: '2027-06-01T00:00:00.000Z',
    actor: { type: 'system', id: 'test', roles: [] },
    commandId: 'c-1',
    $correlationId: 'k-1',
    $causationId: 'c-1',
  },
};

function storedAsVersion1(): RawEvent {
  const sealed = sealEvents('seat-1', emptyHead('seat-1'), [newEvent], createEventRegistry([v1]));
  assert.is(sealed.events.length, 1);
  return { ...(sealed.events[0]?.raw as RawEvent), position: 42n };
}

function reasonOf(raw: RawEvent, definitions = [v3] as Parameters<typeof createEventRegistry>[0]): string {
  const decoded = decodeEvent(raw, createEventRegistry(definitions));
  assert.is(decoded.kind, 'undecodable');
  const { error } = decoded.event as { error?: Error };
  assert.instance(error, UndecodableEventError);
  assert.is((decoded.event as { rawData?: Uint8Array }).rawData, raw.rawData, 'the stored bytes are kept');
  return (error as UndecodableEventError).reason;
}

decoding('an old event becomes the current version through every upcaster in turn', () => {
  const decoded = decodeEvent(storedAsVersion1(), createEventRegistry([v3]));
  assert.is(decoded.kind, 'event');
  if (decoded.kind !== 'event') return;
  assert.equal(decoded.event.data, { person: 'p-1', apps: [], since: '2027-01-01T00:00:00.000Z' });
  assert.is(decoded.event.position, 42n);
  assert.is(decoded.event.metadata.schemaVersion, 1, 'the envelope says how it was stored');
});

decoding('an unknown type, an unknown version and unreadable data are undecodable, never skipped', () => {
  const raw = storedAsVersion1();
  assert.is(reasonOf({ ...raw, type: 'Unheard' }), 'unknown-type');
  assert.is(reasonOf({ ...raw, rawData: Buffer.from('{') }), 'not-json');
  assert.is(reasonOf({ ...raw, rawData: Buffer.from([0x22, 0xff, 0x22]) }), 'not-json');
  assert.is(reasonOf({ ...raw, isJson: false }), 'not-json');
  assert.is(reasonOf({ ...raw, rawData: Buffer.from('{"person":7}') }), 'invalid-data');
  assert.is(reasonOf({ ...raw, rawMetadata: Buffer.alloc(0) }), 'not-json');
  assert.is(reasonOf({ ...raw, rawMetadata: Buffer.from('{}') }), 'invalid-metadata');
  const future = JSON.parse(Buffer.from(raw.rawMetadata).toString()) as object;
  const rawMetadata = Buffer.from(JSON.stringify({ ...future, schemaVersion: 4 }));
  assert.is(reasonOf({ ...raw, rawMetadata }), 'unknown-version');
});

decoding('an upcaster that throws makes the event undecodable', () => {
  const throwing = () => {
    throw new Error('no');
  };
  assert.is(reasonOf(storedAsVersion1(), [{ ...v3, upcasters: [throwing, throwing] }]), 'upcaster-failed');
});

decoding('metadata keys that this version does not know are kept', () => {
  const raw = storedAsVersion1();
  const metadata = JSON.parse(Buffer.from(raw.rawMetadata).toString()) as object;
  const rawMetadata = Buffer.from(JSON.stringify({ ...metadata, later: 1 }));
  const decoded = decodeEvent({ ...raw, rawMetadata }, createEventRegistry([v1]));
  assert.is(decoded.kind === 'event' && (decoded.event.metadata as { later?: number }).later, 1);
});

decoding('a registry refuses types defined twice and chains of upcasters with a gap', () => {
  const refusal = (definitions: Parameters<typeof createEventRegistry>[0]) => {
    try {
      createEventRegistry(definitions);
    } catch (error) {
      assert.instance(error, EventRegistryError);
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.match(refusal([v1, v3]), 'defined twice');
  assert.match(refusal([{ ...v3, upcasters: v3.upcasters.slice(1) }]), 'version 3 needs 2 upcasters, there are 1');
  assert.match(refusal([{ ...v1, upcasters: v3.upcasters }]), 'version 1 needs 0 upcasters');
  assert.match(refusal([{ ...v1, schemaVersion: 0 }]), 'not 1, 2, 3');
  assert.match(refusal([{ ...v1, type: '$own' }]), 'belong to the event store');
  assert.match(refusal([{ ...v1, type: '' }]), 'needs a name');
});

decoding.run();
