import { shared, streams } from './generated.ts';

const { Options } = streams.ReadReq;
const { FORWARDS, BACKWARDS } = Options.ReadDirection;

/** Which streams of the log are wanted: those with one of these prefixes, else all that do not begin with `$`. */
export type StreamFilter = readonly string[] | undefined;

/** One read call, in the protocol's terms. */
export type ReadRequest = { readonly maxCount?: number } & (
  | {
      readonly kind: 'stream';
      readonly stream: string;
      readonly from: number | 'end';
      readonly direction: 'forwards' | 'backwards';
    }
  | {
      readonly kind: 'all';
      /** Inclusive forwards, exclusive backwards. */
      readonly from: bigint | 'start' | 'end';
      readonly direction: 'forwards' | 'backwards';
      readonly filter: StreamFilter;
    }
  /** `from` is exclusive. */
  | { readonly kind: 'subscription'; readonly from: bigint | 'start'; readonly filter: StreamFilter }
);

/** Checkpoints of a subscription come every 32 × this many events that the filter passed over. */
const CHECKPOINT_INTERVAL = 32;

/** Builds the message that asks for it. */
export function readMessage(request: ReadRequest): InstanceType<typeof streams.ReadReq> {
  const options = new Options();
  const uuids = new Options.UUIDOption();
  uuids.setString(new shared.Empty());
  options.setUuidOption(uuids);
  options.setResolveLinks(false);
  if (request.kind === 'stream') {
    options.setStream(streamOptions(request.stream, request.from));
    options.setNoFilter(new shared.Empty());
  } else {
    options.setAll(allOptions(request.from));
    options.setFilter(filterOptions(request.filter));
  }
  if (request.kind === 'subscription') {
    options.setSubscription(new Options.SubscriptionOptions());
  } else {
    options.setReadDirection(request.direction === 'forwards' ? FORWARDS : BACKWARDS);
    options.setCount(String(request.maxCount ?? Number.MAX_SAFE_INTEGER));
  }
  const message = new streams.ReadReq();
  message.setOptions(options);
  return message;
}

/** Says whether the filter wants a stream; the answers are checked with it, should a server filter less than asked. */
export function isWanted(filter: StreamFilter, stream: string): boolean {
  return filter ? filter.some((prefix) => stream.startsWith(prefix)) : !stream.startsWith('$');
}

function streamOptions(stream: string, from: number | 'end') {
  const options = new Options.StreamOptions();
  options.setStreamIdentifier(streamIdentifier(stream));
  if (from === 'end') options.setEnd(new shared.Empty());
  else options.setRevision(String(from));
  return options;
}

/** The protocol's form of a stream's name. */
export function streamIdentifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
}

function allOptions(from: bigint | 'start' | 'end') {
  const options = new Options.AllOptions();
  if (from === 'start') options.setStart(new shared.Empty());
  else if (from === 'end') options.setEnd(new shared.Empty());
  else {
    // Since 20.6 a write has one position: its commit and prepare positions are equal.
    const position = new Options.Position();
    position.setCommitPosition(String(from));
    position.setPreparePosition(String(from));
    options.setPosition(position);
  }
  return options;
}

function filterOptions(filter: StreamFilter) {
  const expression = new Options.FilterOptions.Expression();
  if (filter) expression.setPrefixList([...filter]);
  else expression.setRegex('^[^$]');
  const options = new Options.FilterOptions();
  options.setStreamIdentifier(expression);
  options.setCount(new shared.Empty());
  options.setCheckpointintervalmultiplier(CHECKPOINT_INTERVAL);
  return options;
}
