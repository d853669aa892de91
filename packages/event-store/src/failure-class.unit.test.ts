import {
  AccessDeniedError as ClientAccessDenied,
  CancelledError,
  DeadlineExceededError,
  StreamDeletedError as ClientStreamDeleted,
  UnavailableError,
  UnknownError,
} from '@eventstore/db-client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TimedOutError } from './backoff.ts';
import { AccessDeniedError, EventStoreUnavailableError, InvalidEventError, StreamDeletedError } from './errors.ts';
import { classifyFailure } from './failure-class.ts';
import { translateFailure } from './translate.ts';

const failures = suite('classes of failure');
const plain = (code: number) => Object.assign(new Error(`${code} from the channel`), { code });

failures('a lost connection in any of its forms is transient', () => {
  const forms = [
    new UnavailableError(),
    new CancelledError(),
    new DeadlineExceededError(),
    new UnknownError(),
    new TimedOutError('it', 1),
    new EventStoreUnavailableError('read', 'no answer'),
    plain(14),
    new Error('anything unheard of'),
    'not even an error',
  ];
  for (const form of forms) assert.is(classifyFailure(form), 'transient', String(form));
});

failures('what only another request can cure is poison', () => {
  const forms = [plain(3), new InvalidEventError('s', 'T', 'no JSON'), ClientStreamDeleted.fromStreamName('s')];
  for (const form of forms) assert.is(classifyFailure(form), 'poison', String(form));
});

failures('what only a person can cure is fatal', () => {
  const forms = [plain(7), plain(12), plain(16), new ClientAccessDenied(), new AccessDeniedError('read $all')];
  for (const form of forms) assert.is(classifyFailure(form), 'fatal', String(form));
});

failures('the client never shows through: its errors become ours and stay as the cause', () => {
  const deleted = ClientStreamDeleted.fromStreamName('s');
  const translated = translateFailure(deleted, 'read s', 's');
  assert.instance(translated, StreamDeletedError);
  assert.is(translated.code, 'STREAM_DELETED');
  assert.is(translated.name, 'StreamDeletedError');
  assert.is(translated.cause, deleted);
  assert.is(translateFailure(plain(3), 'read', 's').code, 'EVENT_STORE_REQUEST_REFUSED');
  assert.is(translateFailure(plain(12), 'read', 's').code, 'EVENT_STORE_INCOMPATIBLE');
  assert.is(translateFailure(plain(14), 'read', 's').code, 'EVENT_STORE_UNAVAILABLE');
  assert.is(translateFailure(translated, 'read', 's'), translated);
});

failures.run();
