import type { DeleteReq, TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from '../engine/expected-revision.ts';
import { streamNameFault } from '../engine/proposed-event.ts';
import type { EventLog, WriteOutcome, WriteRequest } from '../store/event-log.ts';
import { headerValue, invalidArgument, onlyRequest, RpcError, Status, streamDeleted, type Handler } from './call.ts';
import { streams } from './generated.ts';

/** `Delete`: soft-deletes a stream. */
export function deleteHandler(log: EventLog): Handler {
  return async (call) => {
    const request = decodeTarget(streams.DeleteReq.deserializeBinary(await onlyRequest(call)));
    const position = positionOf(request, await log.delete(request));
    const where = new streams.DeleteResp.Position();
    where.setCommitPosition(position);
    where.setPreparePosition(position);
    const response = new streams.DeleteResp();
    response.setPosition(where);
    call.send(response.serializeBinary());
  };
}

/** `Tombstone`: ends a stream for good. */
export function tombstoneHandler(log: EventLog): Handler {
  return async (call) => {
    const request = decodeTarget(streams.TombstoneReq.deserializeBinary(await onlyRequest(call)));
    const position = positionOf(request, await log.tombstone(request));
    const where = new streams.TombstoneResp.Position();
    where.setCommitPosition(position);
    where.setPreparePosition(position);
    const response = new streams.TombstoneResp();
    response.setPosition(where);
    call.send(response.serializeBinary());
  };
}

function decodeTarget(request: DeleteReq | TombstoneReq): WriteRequest {
  const options = request.getOptions();
  const stream = Buffer.from(options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  const fault = streamNameFault(stream);
  if (!options || fault !== undefined) throw invalidArgument(fault ?? 'The request has no options.');
  if (options.hasNoStream()) return { stream, expectation: { kind: 'noStream' } };
  if (options.hasStreamExists()) return { stream, expectation: { kind: 'streamExists' } };
  if (options.hasRevision()) {
    return { stream, expectation: { kind: 'revision', revision: BigInt(options.getRevision()) } };
  }
  return { stream, expectation: { kind: 'any' } };
}

function positionOf({ stream, expectation }: WriteRequest, outcome: WriteOutcome): string {
  if (outcome.kind === 'streamDeleted') throw streamDeleted(stream);
  if (outcome.kind === 'written') return String(outcome.position);
  const expected = versionNumber(expectation);
  throw new RpcError(
    Status.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${outcome.actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': headerValue(stream),
      'expected-version': expected,
      'actual-version': String(outcome.actual),
    },
  );
}

/** The numbers that stand for expectations in this error's trailers. */
const VERSION_NUMBERS = { noStream: '-1', any: '-2', streamExists: '-4' } as const;

function versionNumber(expectation: Expectation): string {
  return expectation.kind === 'revision' ? String(expectation.revision) : VERSION_NUMBERS[expectation.kind];
}
