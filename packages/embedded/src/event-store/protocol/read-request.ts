import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { textFilter, type FilterExpression } from '../engine/event-filter.ts';
import { streamNameFault } from '../engine/proposed-event.ts';
import { streamOf, typeOf } from '../store/record.ts';
import { invalidArgument } from './call.ts';
import { streams } from './generated.ts';

/** Where a read or subscription begins. */
export type Start = 'start' | 'end' | number;

/** How the events are to be sent. */
export interface EventForm {
  resolveLinks: boolean;
  /** UUIDs as two integers instead of text. */
  structuredIds: boolean;
}

/** A filter on `$all`, with its checkpoints. */
export interface FilterOptions {
  /** Answers whether an encoded event is wanted. */
  matches: (value: Buffer) => boolean;
  /** A checkpoint is sent after so many events considered. */
  checkpointEvery: number;
}

/** A decoded `ReadReq`. `stream` undefined: the whole log. `count` undefined: a subscription. */
export interface ReadRequest extends EventForm {
  stream?: string;
  start: Start;
  backwards: boolean;
  count?: number;
  filter?: FilterOptions;
}

const DEFAULT_WINDOW = 32;

/** Decodes and checks a `ReadReq`. */
export function decodeReadRequest(bytes: Buffer): ReadRequest {
  const options = streams.ReadReq.deserializeBinary(bytes).getOptions();
  const uuidOption = options?.getUuidOption();
  if (!options || !uuidOption) throw invalidArgument('The read says not how to send UUIDs.');
  const request: ReadRequest = {
    start: 'start',
    backwards: options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS,
    resolveLinks: options.getResolveLinks(),
    structuredIds: uuidOption.hasStructured(),
  };
  const stream = options.getStream();
  if (stream) {
    request.stream = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
    const fault = streamNameFault(request.stream);
    if (fault !== undefined) throw invalidArgument(fault);
    request.start = stream.hasRevision() ? Number(stream.getRevision()) : stream.hasEnd() ? 'end' : 'start';
  } else request.start = startOfAll(options);
  if (options.hasCount()) request.count = Number(options.getCount());
  else if (!options.hasSubscription()) throw invalidArgument('The read is neither counted nor a subscription.');
  const filter = options.getFilter();
  if (filter && !stream) request.filter = decodeFilter(filter);
  return request;
}

function startOfAll(options: ReadReq.Options): Start {
  const all = options.getAll();
  if (!all) throw invalidArgument('The read names neither a stream nor the whole log.');
  const position = all.getPosition();
  if (!position) return all.hasEnd() ? 'end' : 'start';
  // Events are written whole, so both parts of a position are the same number.
  if (position.getCommitPosition() !== position.getPreparePosition()) throw invalidPosition();
  return Number(position.getCommitPosition());
}

/** Refuses a position at which no event has ever been. */
export function invalidPosition() {
  return invalidArgument('Trying to read from an invalid position.');
}

function decodeFilter(filter: ReadReq.Options.FilterOptions): FilterOptions {
  const onStream = filter.getStreamIdentifier();
  const expression = onStream ?? filter.getEventType();
  if (!expression) throw invalidArgument('The filter has no expression.');
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  const multiplier = filter.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('The interval between checkpoints must be greater than 0.');
  const matches = compile({ regex: expression.getRegex(), prefixes: expression.getPrefixList() });
  return {
    matches: onStream ? (value) => matches(streamOf(value)) : (value) => matches(typeOf(value)),
    checkpointEvery: Math.max(1, window) * multiplier,
  };
}

function compile(expression: FilterExpression): (text: string) => boolean {
  try {
    return textFilter(expression);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidArgument(`The filter's regular expression is invalid: ${error.message}`);
  }
}
