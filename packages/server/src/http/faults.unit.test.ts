import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ErrorCode, NatsError } from 'nats';
import { pino, type Logger } from 'pino';
import { harness } from './testing/harness.ts';

const test = suite('faults and overload');
const list = '/v1/tenants/acme/subscriptions';
const activate = `${list}/office-1/commands/activate`;

/** A logger that keeps its lines. */
function memoryLog(): { readonly log: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino({ level: 'debug' }, { write }), lines };
}

function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

test('an unexpected fault is 500 with an incident that the log explains and the answer does not', async () => {
  const { log, lines } = memoryLog();
  const { call, services } = harness({}, { log });
  services.result = failing(new Error('password=hunter2 refused at /srv/secret'));
  const answer = await call('POST', activate, { headers: { 'X-Request-Id': 'r-7' } });
  assert.is(answer.status, 500);
  assert.is(answer.body['code'], 'INTERNAL');
  assert.not.match(answer.text, /hunter2|secret/);
  const logged = lines.find((line) => line['incident'] === answer.body['incident']);
  assert.match(JSON.stringify(logged), /hunter2/);
  assert.is(logged?.['requestId'], 'r-7');
  assert.is(logged?.['operation'], 'activate');
});

test('something thrown that is no error is 500 all the same', async () => {
  const { call, services } = harness();
  services.result = () => {
    // What a library could do, and the type of `throw` allows.
    // oxlint-disable-next-line typescript/only-throw-error
    throw 'text';
  };
  const answer = await call('POST', activate);
  assert.is(answer.status, 500);
  assert.is(answer.body['code'], 'INTERNAL');
  assert.is(answer.headers.get('x-content-type-options'), 'nosniff');
});

const passing: readonly (readonly [string, string])[] = [
  ['EVENT_STORE_UNAVAILABLE', 'UNAVAILABLE'],
  ['NATS_UNREACHABLE', 'UNAVAILABLE'],
  ['ECONNREFUSED', 'UNAVAILABLE'],
  ['57P01', 'UNAVAILABLE'],
  ['EVENT_STORE_OVERLOADED', 'OVERLOADED'],
  ['DATABASE_UNREACHABLE', 'UNAVAILABLE'],
  ['CONFLICT', 'OVERLOADED'],
  ['OVERLOADED', 'OVERLOADED'],
];
for (const [thrown, code] of passing) {
  test(`${thrown} passes by itself: 503 ${code} with Retry-After`, async () => {
    const { call, services } = harness();
    services.result = failing(Object.assign(new Error('The part does not answer; try again.'), { code: thrown }));
    const answer = await call('POST', activate);
    assert.is(answer.status, 503);
    assert.is(answer.body['code'], code);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  });
}

test('what the broker says of its limits is answered as such', async () => {
  const { call, services } = harness();
  services.result = failing(new NatsError('timeout', ErrorCode.Timeout));
  assert.is((await call('POST', activate)).body['code'], 'UNAVAILABLE');
  services.result = failing(new NatsError('too large', ErrorCode.MaxPayloadExceeded));
  assert.is((await call('POST', activate)).status, 413);
  const full = new NatsError('maximum bytes exceeded', ErrorCode.JetStream404NoMessages);
  full.api_error = { code: 503, err_code: 10_077, description: 'maximum bytes exceeded' };
  services.result = failing(full);
  const answer = await call('POST', activate);
  assert.is(answer.body['code'], 'OVERLOADED');
  assert.is(answer.headers.get('retry-after'), '30');
});

test('a foreign error that passes by itself is not quoted', async () => {
  const { call, services } = harness();
  services.result = failing(Object.assign(new Error('connect 10.1.2.3:5432 as admin'), { code: 'ECONNREFUSED' }));
  assert.not.match((await call('POST', activate)).text, /10\.1\.2\.3/);
});

test('a file that is no catalogue is invalid input, a clock moved meanwhile is 409', async () => {
  const { call, services } = harness();
  services.result = failing(Object.assign(new Error('the file cannot be read as CSV'), { code: 'MALFORMED_CSV' }));
  const file = await call('POST', activate);
  assert.is(file.status, 400);
  assert.match(file.text, /cannot be read as CSV/);
  services.result = failing(Object.assign(new Error('The clock shows more.'), { code: 'CLOCK_WOULD_GO_BACK' }));
  assert.is((await call('POST', activate)).body['code'], 'CLOCK_BACKWARDS');
});

test('more requests than can be answered at once are refused, and taken again afterwards', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { call, services } = harness({}, { overload: { inFlightCountMax: 2 } });
  const executeAtOnce = services.commands.execute.bind(services.commands);
  Object.assign(services.commands, {
    execute: async (request: Parameters<typeof executeAtOnce>[0]) => {
      await held;
      return executeAtOnce(request);
    },
  });
  const first = [call('POST', activate), call('POST', activate)];
  const third = await call('GET', list);
  assert.is(third.status, 503);
  assert.is(third.body['code'], 'OVERLOADED');
  assert.is(third.headers.get('retry-after'), '1');
  assert.is((await call('GET', '/healthz')).status, 200, 'liveness is always answered');
  release();
  assert.equal(
    (await Promise.all(first)).map(({ status }) => status),
    [200, 200],
  );
  assert.is((await call('GET', list)).status, 200);
});

test('an event loop that no longer keeps up refuses work', async () => {
  let delayMs = 1001;
  const { call } = harness({}, { overload: { eventLoopDelayMs: () => delayMs, retryAfterSeconds: 2 } });
  const busy = await call('GET', list);
  assert.is(busy.status, 503);
  assert.is(busy.headers.get('retry-after'), '2');
  delayMs = 999;
  assert.is((await call('GET', list)).status, 200);
});

/** Stands for long computations: for 200 ms this thread does nothing, and the event loop turns four times. */
async function keepBusy(): Promise<void> {
  for (let count = 0; count < 4; count += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('an event loop that is late by the clock refuses work; what was late before the first request does not count', async () => {
  const { call } = harness({}, { overload: { eventLoopDelayMaxMs: 5, sampleMs: 50 } });
  await keepBusy();
  assert.is((await call('GET', list)).status, 200);
  await keepBusy();
  assert.is((await call('GET', list)).status, 503);
});

test('readiness is 503 while a part does not run, and names it', async () => {
  const parts = [
    { name: 'relay', state: 'running', detail: 'in order' },
    { name: 'timers', state: 'failing', detail: 'the read database does not answer since 10:00' },
  ] as const;
  const { call } = harness({ parts: () => parts });
  const answer = await call('GET', '/readyz');
  assert.is(answer.status, 503);
  assert.equal(answer.body, { ready: false, parts });
  assert.is((await call('GET', '/healthz')).status, 200);
});

test('requests are logged at debug without the ids of users', async () => {
  const { log, lines } = memoryLog();
  const { call } = harness({}, { log });
  await call('GET', '/v1/tenants/acme/users/alice%40acme.example/apps');
  const line = lines.find(({ msg }) => msg === 'request');
  assert.is(line?.['operation'], 'listApps');
  assert.is(line?.['status'], 200);
  assert.not.match(JSON.stringify(lines), /alice/);
});

test('metrics count requests by operation and status', async () => {
  const { call } = harness();
  await call('GET', list);
  await call('GET', `${list}/none`);
  const { text, headers } = await call('GET', '/metrics');
  assert.match(headers.get('content-type') ?? '', /^text\/plain/);
  assert.match(text, /http_request_seconds_count\{method="GET",operation="listSubscriptions",status="200"\} 1/);
  assert.match(text, /http_request_seconds_count\{method="GET",operation="showSubscription",status="404"\} 1/);
});

test.run();
