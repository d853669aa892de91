import { ErrorCode, NatsError } from 'nats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as questions from './questions.ts';

const test = suite('questions about errors');

const api = (errCode: number, code = '400') => {
  const error = new NatsError('refused', code);
  error.api_error = { code: Number(code), err_code: errCode, description: 'refused' };
  return error;
};
const plain = (code: string) => new NatsError('failed', code);

test('both numbers for a wrong last sequence are understood', () => {
  assert.ok(questions.isWrongLastSequence(api(10071)));
  assert.ok(questions.isWrongLastSequence(api(10164)));
  assert.not(questions.isWrongLastSequence(api(10070)));
});

test('a full stream is not mistaken for a missing one although both carry 503', () => {
  assert.ok(questions.isLimitReached(api(10077, '503')));
  assert.not(questions.isNoResponders(api(10077, '503')));
  assert.ok(questions.isNoResponders(plain(ErrorCode.NoResponders)));
  assert.not(questions.isLimitReached(plain(ErrorCode.NoResponders)));
});

test('what is missing is told apart', () => {
  assert.ok(questions.isStreamNotFound(api(10059, '404')));
  assert.ok(questions.isConsumerNotFound(api(10014, '404')));
  assert.ok(questions.isMessageNotFound(api(10037, '404')));
  assert.not(questions.isStreamNotFound(api(10014, '404')));
});

test('waiting helps against some errors and not against others', () => {
  for (const error of [plain(ErrorCode.Timeout), plain(ErrorCode.NoResponders), api(10005), api(10167, '429')]) {
    assert.ok(questions.isTransient(error), error.code);
  }
  for (const error of [
    api(10071),
    plain(ErrorCode.MaxPayloadExceeded),
    plain(ErrorCode.PermissionsViolation),
    new Error(),
  ]) {
    assert.not(questions.isTransient(error));
  }
});

test('errors of others are no answer to any question', () => {
  for (const question of Object.values(questions)) {
    assert.not(question(new Error('TIMEOUT')));
    assert.not(question(undefined));
    assert.not(question({ code: '503' }));
  }
});

test.run();
