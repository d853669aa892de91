import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReply } from './read-reply.ts';

const replies = suite('replies of a read');

type Sent = {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  readonly createdMs: number;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

const sentEvent: fc.Arbitrary<Sent> = fc.record({
  stream: fc.string({ unit: 'grapheme', minLength: 1 }),
  revision: fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) }),
  position: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  id: fc.uuid({ version: [1, 4, 5] }),
  type: fc.string({ unit: 'grapheme', minLength: 1 }),
  createdMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  isJson: fc.boolean(),
  data: fc.uint8Array(),
  metadata: fc.uint8Array(),
});

/** The event as the generated classes of the protocol write it. */
function recorded(
  sent: Sent,
  id: InstanceType<typeof shared.UUID>,
): InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent> {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent();
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Buffer.from(sent.stream));
  event.setStreamIdentifier(stream);
  event.setId(id);
  event.setStreamRevision(String(sent.revision));
  event.setPreparePosition(String(sent.position));
  event.setCommitPosition(String(sent.position));
  event.setData(sent.data);
  event.setCustomMetadata(sent.metadata);
  const contentType = sent.isJson ? 'application/json' : 'application/octet-stream';
  const ticks = String(BigInt(sent.createdMs) * 10_000n + 9_999n);
  event
    .getMetadataMap()
    .set('type', sent.type)
    .set('content-type', contentType)
    .set('created', ticks)
    .set('newer', '1');
  return event;
}

function inResponse(fill: (read: InstanceType<typeof streams.ReadResp.ReadEvent>) => void): Buffer {
  const read = new streams.ReadResp.ReadEvent();
  fill(read);
  const response = new streams.ReadResp();
  response.setEvent(read);
  return Buffer.from(response.serializeBinary());
}

function textId(id: string): InstanceType<typeof shared.UUID> {
  const uuid = new shared.UUID();
  uuid.setString(id);
  return uuid;
}

function structuredId(id: string): InstanceType<typeof shared.UUID> {
  const hex = id.replaceAll('-', '');
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)).toString());
  structured.setLeastSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`)).toString());
  const uuid = new shared.UUID();
  uuid.setStructured(structured);
  return uuid;
}

function expected({ stream, revision, position, id, type, createdMs, isJson, data, metadata }: Sent): object {
  const created = new Date(createdMs).toISOString();
  return {
    stream,
    revision: Number(revision),
    position,
    id,
    type,
    created,
    isJson,
    rawData: Buffer.from(data),
    rawMetadata: Buffer.from(metadata),
  };
}

replies(
  'an event is read as the generated classes write it, whichever form its id has, a link beside it or not',
  () => {
    fc.assert(
      fc.property(sentEvent, sentEvent, fc.boolean(), fc.boolean(), (sent, link, isStructured, isLinked) => {
        const reply = readReply(
          inResponse((read) => {
            read.setEvent(recorded(sent, isStructured ? structuredId(sent.id) : textId(sent.id)));
            if (isLinked) read.setLink(recorded(link, textId(link.id)));
            read.setCommitPosition(String(sent.position));
          }),
        );
        if (reply.kind !== 'event') throw new Error(`it is read as ${reply.kind}`);
        const { rawData, rawMetadata, ...others } = reply.event;
        const bytes = { rawData: Buffer.from(rawData), rawMetadata: Buffer.from(rawMetadata) };
        assert.equal({ ...others, ...bytes }, expected(sent));
      }),
    );
  },
);

replies('a link whose target is gone is nothing to read', () => {
  const sent = fc.sample(sentEvent, { numRuns: 1, seed: 1 })[0];
  if (!sent) throw new Error('there is no sample');
  assert.equal(readReply(inResponse((read) => read.setLink(recorded(sent, textId(sent.id))))), { kind: 'other' });
});

replies('every other kind is read too', () => {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition('18446744073709551615');
  const kinds: readonly (readonly [(response: InstanceType<typeof streams.ReadResp>) => void, object])[] = [
    [(it) => it.setCheckpoint(checkpoint), { kind: 'checkpoint', position: 2n ** 64n - 1n }],
    [(it) => it.setCaughtUp(new streams.ReadResp.CaughtUp()), { kind: 'caught-up' }],
    [(it) => it.setStreamNotFound(new streams.ReadResp.StreamNotFound()), { kind: 'absent' }],
    [(it) => it.setConfirmation(new streams.ReadResp.SubscriptionConfirmation()), { kind: 'other' }],
    [() => {}, { kind: 'other' }],
  ];
  for (const [fill, reply] of kinds) {
    const response = new streams.ReadResp();
    fill(response);
    assert.equal(readReply(Buffer.from(response.serializeBinary())), reply);
  }
});

replies('bytes that end early are refused wherever they end', () => {
  const sent = fc.sample(sentEvent, { numRuns: 1, seed: 2 })[0];
  if (!sent) throw new Error('there is no sample');
  const whole = inResponse((read) => read.setEvent(recorded(sent, textId(sent.id))));
  for (let length = 1; length < whole.length; length += 1) {
    assert.throws(() => readReply(whole.subarray(0, length)), undefined, `cut after ${length} bytes`);
  }
});

replies.run();
