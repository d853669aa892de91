import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyHead, EVENT_ID_NAMESPACE, eventIdOf, hashEvent } from './chain.ts';

const chain = suite('hash chain');

const event = {
  stream: 'seat-acme_1',
  revision: 3,
  type: 'SeatAssigned',
  data: { person: 'p-1', apps: ['word'] },
  metadata: { recordedAt: '2027-06-01T00:00:00.000Z', prevHash: 'ab', hash: 'to be left out', traceparent: '00-1' },
};

chain('the hash is SHA-256 over the RFC 8785 JSON of everything but hash and traceparent', () => {
  const { hash: _hash, traceparent: _traceparent, ...metadata } = event.metadata;
  const text = canonicalize({ ...event, metadata });
  assert.is(hashEvent(event), createHash('sha256').update(String(text)).digest('hex'));
});

chain('the order of keys does not matter, every value does', () => {
  assert.is(hashEvent({ ...event, data: { apps: ['word'], person: 'p-1' } }), hashEvent(event));
  for (const change of [{ stream: 'seat-acme_2' }, { revision: 4 }, { type: 'SeatRevoked' }, { data: {} }]) {
    assert.is.not(hashEvent({ ...event, ...change }), hashEvent(event));
  }
  assert.is.not(hashEvent({ ...event, metadata: { ...event.metadata, prevHash: 'ac' } }), hashEvent(event));
  assert.is(hashEvent({ ...event, metadata: { ...event.metadata, traceparent: '00-2' } }), hashEvent(event));
});

chain('every stream begins its chain differently', () => {
  assert.is.not(emptyHead('a').hash, emptyHead('b').hash);
  assert.is(emptyHead('a').revision, -1);
});

chain('ids and first hashes are part of the stored format and never change', () => {
  assert.is(emptyHead('seat-acme_1').hash, createHash('sha256').update('{"stream":"seat-acme_1"}').digest('hex'));
  assert.is(eventIdOf('00'), '21c5e3d3-9544-5049-b16d-cac35fe830ed');
  assert.is(hashEvent(event), 'f7c8379d1102041ed55978798ec7c0df44fe9d48dd1a7c5a4574e61eeee29ebb');
});

chain('an id is the UUIDv5 of the hash', () => {
  for (let index = 0; index < 200; index += 1) {
    const hash = createHash('sha256').update(String(index)).digest('hex');
    assert.is(eventIdOf(hash), uuidV5(hash, EVENT_ID_NAMESPACE));
  }
});

chain.run();
