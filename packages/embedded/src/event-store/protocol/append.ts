import { sizeOf, type ProposedEvent } from '../engine/proposed-event.ts';
import { NO_EVENTS } from '../engine/revisions.ts';
import type { Expectation } from '../engine/expected-revision.ts';
import type { EventLog } from '../store/event-log.ts';
import { decodeAppendRequest, type AppendTarget } from './append-messages.ts';
import { appendTooLarge, invalidArgument, streamDeleted, type Handler } from './call.ts';
import { shared, streams } from './generated.ts';

/** `Append`: the target, then the events, then the end of the requests commits them. */
export function appendHandler(log: EventLog, appendBytesMax: number): Handler {
  return async (call) => {
    let target: AppendTarget | undefined;
    const events: ProposedEvent[] = [];
    let bytes = 0;
    for await (const bytesReceived of call.requests) {
      const request = decodeAppendRequest(bytesReceived);
      target ??= request.target;
      if (!request.event) continue;
      bytes += sizeOf(request.event);
      if (bytes > appendBytesMax) throw appendTooLarge(appendBytesMax);
      events.push(request.event);
    }
    // A client that has gone sent no end, so its events are not a request.
    if (call.signal.aborted) return;
    if (!target) throw invalidArgument('The append names no stream.');
    const { stream, expectation } = target;
    const outcome = await log.append({ stream, expectation, events });
    if (outcome.kind === 'streamDeleted') throw streamDeleted(stream);
    const response = new streams.AppendResp();
    if (outcome.kind === 'written') response.setSuccess(success(outcome.revision, outcome.position));
    else response.setWrongExpectedVersion(wrongExpectedVersion(expectation, outcome.actual));
    call.send(response.serializeBinary());
  };
}

function success(revision: number, position: number | undefined) {
  const message = new streams.AppendResp.Success();
  if (revision === NO_EVENTS) message.setNoStream(new shared.Empty());
  else message.setCurrentRevision(String(revision));
  if (position === undefined) message.setNoPosition(new shared.Empty());
  else {
    const where = new streams.AppendResp.Position();
    where.setCommitPosition(String(position));
    where.setPreparePosition(String(position));
    message.setPosition(where);
  }
  return message;
}

/** Filled twice, as the fields of servers up to 20.6 and as those after. */
function wrongExpectedVersion(expectation: Expectation, actual: number) {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (actual === NO_EVENTS) {
    message.setCurrentNoStream(new shared.Empty());
    message.setNoStream2060(new shared.Empty());
  } else {
    message.setCurrentRevision(String(actual));
    message.setCurrentRevision2060(actual);
  }
  switch (expectation.kind) {
    case 'any':
      message.setExpectedAny(new shared.Empty());
      message.setAny2060(new shared.Empty());
      break;
    case 'streamExists':
      message.setExpectedStreamExists(new shared.Empty());
      message.setStreamExists2060(new shared.Empty());
      break;
    case 'noStream':
      message.setExpectedNoStream(new shared.Empty());
      break;
    case 'revision':
      message.setExpectedRevision(String(expectation.revision));
      message.setExpectedRevision2060(Number(expectation.revision));
      break;
  }
  return message;
}
