/**
 * Every command of the contract in one life, asked as a dry run before it is given: both answer the same, and nothing is
 * appended because of the dry run (`contract.md`, HTTP).
 *
 * @module
 */
import { eventDefinitions } from '@perennial/domain';
import { openEventStore, type EventStore, type RecordedEvent } from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, until, type Answer, type Json, type Perennial } from './perennial.ts';

const test = suite('dry runs of every command');
let perennial: Perennial;
let log: EventStore;

test.before(async () => {
  perennial = await startPerennial({ env: { PERENNIAL_CLOCK: '2027-01-01T10:00:00Z' } });
  log = await openEventStore({
    url: readEngineUrl(perennial.dataDirectory, 'eventStore'),
    definitions: eventDefinitions,
  });
});
test.after(async () => {
  await log?.close();
  await perennial?.close();
});

/** `contract.md`, Commands. */
const contract = `activate reactivate support-reactivate cancel-now cancel-at-term-end undo-scheduled-cancel
  set-recurring-billing disable pause suspend resume change-plan add-seats remove-seats assign-license unassign-license
  move-license set-apps-for-assignment activate-device deactivate-device add-payment-method replace-payment-method
  update-payment-method pay-balance extend-trial convert-trial redeem-key export-data delete-now link-payment add-note
  correct-fact`.split(/\s+/);

const tenant = '/tenants/dry/subscriptions';
const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL', expires: '2090-12' };
const accepted = new Set<string>();
let commandCount = 0;

/** What an answer says, but for what only a log can give: ids and the position. */
function told({ status, body }: Answer): Json {
  const { version, events = [], code, reasonCodes, remedies, firstEventId } = body;
  const decided = (events as readonly Json[]).map(({ type, effectiveAt }) => [type, effectiveAt]);
  return {
    http: status,
    status: body.code === undefined ? body.status : null,
    version,
    decided,
    code,
    reasonCodes,
    remedies,
    firstEventId,
  };
}

/** The events appended after a position, or all of them. */
async function appended(after?: bigint): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const item of log.readAll(after === undefined ? {} : { after })) {
    if (item.kind === 'undecodable') throw item.event.error;
    events.push(item.event);
  }
  return events;
}

/** Header that all events which follow from a dry run would carry. */
const dryCorrelation = { 'Perennial-Correlation-Id': 'dry-run' };

/**
 * Whether an event is there because somebody asked for it. Timers, notices and the matcher append whenever they get round
 * to it, also between a dry run and a look at the log.
 */
const isAsked = ({ metadata }: RecordedEvent): boolean =>
  metadata.$correlationId === dryCorrelation['Perennial-Correlation-Id'] ||
  !['system', 'provider'].includes(metadata.actor.type);

const named = (events: readonly RecordedEvent[]): readonly string[] =>
  events.map(({ type, stream }) => `${type} ${stream}`);

const isRefusalOf =
  (headers: Readonly<Record<'Idempotency-Key', string>>) =>
  ({ type, metadata }: RecordedEvent): boolean =>
    type === 'CommandRefused' && metadata.commandId === headers['Idempotency-Key'];

async function listed(id: string, name: string): Promise<Json> {
  const { actions } = (await perennial.get(`${tenant}/${id}/actions`)).body;
  assert.equal((actions as readonly Json[]).map(({ command }) => String(command)).sort(), [...contract].sort());
  return (actions as readonly Json[]).find(({ command }) => command === name);
}

/** Asks, then gives: the answers have to be the same, and nothing that was asked for is appended before. */
async function both(id: string, name: string, body: object = {}): Promise<Answer> {
  const path = `${tenant}/${id}/commands/${name}`;
  const headers = { 'Idempotency-Key': `command-${(commandCount += 1)}` };
  const action = await listed(id, name);
  const before = await log.lastPosition();
  const dry = await perennial.post(`${path}?dryRun=true`, body, { ...headers, ...dryCorrelation });
  assert.equal(named((await appended(before)).filter(isAsked)), [], `a dry run of ${name} appended`);
  const real = await perennial.post(path, body, headers);
  assert.equal(told(dry), told(real), name);
  // What was refused is recorded beside the answer, not before it.
  if (real.body.code === 'REFUSED') {
    await until('the refusal is recorded', async () => (await appended(before)).some(isRefusalOf(headers)));
  }
  if (real.status === 200) {
    accepted.add(name);
    assert.is(action.available, true, `${name} was done, but not listed as available`);
    if (action.effectPreview.newState !== undefined) assert.is(action.effectPreview.newState, real.body.status, name);
    const again = await perennial.post(`${path}?dryRun=true`, body, { ...headers, ...dryCorrelation });
    if ((real.body.events as readonly Json[]).length > 0) assert.equal(told(again), told(real), `${name}, repeated`);
  }
  return real;
}

async function done(id: string, name: string, body?: object): Promise<Answer> {
  const answer = await both(id, name, body);
  assert.is(answer.status, 200, `${name}: ${JSON.stringify(answer.body)}`);
  return answer;
}

async function refused(id: string, name: string, codes: readonly string[], body?: object): Promise<void> {
  const answer = await both(id, name, body);
  assert.equal([answer.status, answer.body.reasonCodes], [409, codes], name);
}

async function create(id: string, more: object = {}): Promise<void> {
  const body = { subscriptionId: id, planId: 'SPE_E3', seats: 3, term: 'P1Y', ...more };
  const headers = { 'Idempotency-Key': `create-${id}` };
  const dry = await perennial.post(`${tenant}?dryRun=true`, body, { ...headers, ...dryCorrelation });
  assert.is((await perennial.get(`${tenant}/${id}`)).status, 404);
  const real = await perennial.post(tenant, body, headers);
  assert.equal(told(dry), told(real));
  assert.is(real.status, 200, JSON.stringify(real.body));
}

const advance = (advanceTo: string): Promise<Answer> => perennial.post('/clock', { advanceTo });

test('a trial that is bought, with its seats, apps, devices and payment details', async () => {
  await create('life', { trial: true });
  await refused('life', 'add-seats', ['NOT_YET_ACTIVATED'], { count: 1 });
  await done('life', 'activate');
  await refused('life', 'activate', ['ALREADY_ACTIVE']);
  await done('life', 'assign-license', { userId: 'alice' });
  await refused('life', 'assign-license', ['ALREADY_ASSIGNED'], { userId: 'alice' });
  await done('life', 'set-apps-for-assignment', { userId: 'alice', appsOff: ['YAMMER_ENTERPRISE'] });
  await done('life', 'activate-device', { userId: 'alice', deviceId: 'd1', kind: 'computer' });
  await refused('life', 'activate-device', ['NOT_ASSIGNED'], { userId: 'bob', deviceId: 'd2', kind: 'phone' });
  await done('life', 'deactivate-device', { userId: 'alice', deviceId: 'd1' });
  await refused('life', 'extend-trial', ['TRIAL_EXTENSION_TOO_EARLY']);
  await advance('2027-01-25T10:00:00Z');
  await done('life', 'extend-trial');
  await refused('life', 'extend-trial', ['TRIAL_EXTENSION_USED', 'TRIAL_EXTENSION_TOO_EARLY']);
  await refused('life', 'convert-trial', ['PAYMENT_METHOD_EXPIRED'], {
    paymentMethod: { ...paymentMethod, expires: '2020-01' },
  });
  await done('life', 'convert-trial', { paymentMethod });
  await done('life', 'add-payment-method', { paymentMethod: { ...paymentMethod, token: 'tok_2' } });
  await done('life', 'replace-payment-method', { paymentMethod });
  await refused('life', 'update-payment-method', ['SECURITY_CODE_REQUIRED'], { securityCodeConfirmed: false });
  await done('life', 'update-payment-method', { expires: '2091-01', securityCodeConfirmed: true });
});

test('a running subscription: seats, plan, holds, an end that is scheduled, and what operators do', async () => {
  await done('life', 'set-recurring-billing', { on: false });
  await refused('life', 'remove-seats', ['RECURRING_BILLING_OFF'], { count: 1, when: 'renewal' });
  await done('life', 'set-recurring-billing', { on: true });
  await done('life', 'add-seats', { count: 2 });
  await done('life', 'remove-seats', { count: 1 });
  await done('life', 'change-plan', { planId: 'SPE_E5' });
  await done('life', 'change-plan', { planId: 'SPE_E3' });
  await done('life', 'pause', { until: '2027-06-01T00:00:00Z' });
  await refused('life', 'add-seats', ['SUSPENDED'], { count: 1 });
  await done('life', 'resume', { hold: 'pause' });
  await refused('life', 'resume', ['NOT_PAUSED'], { hold: 'pause' });
  await done('life', 'suspend');
  await done('life', 'resume', { hold: 'suspend' });
  await done('life', 'cancel-at-term-end');
  await done('life', 'undo-scheduled-cancel');
  await refused('life', 'undo-scheduled-cancel', ['NOTHING_SCHEDULED']);
  await done('life', 'add-note', { text: 'called' });
  await done('life', 'export-data');
  const { events } = (await perennial.get(`${tenant}/life/history`)).body;
  await done('life', 'correct-fact', { eventId: events[0].id, reason: 'entered for the wrong customer' });
  await refused('life', 'delete-now', ['NOT_DELETABLE_YET'], { confirm: 'life' });
});

test('payments, keys and a move', async () => {
  const fact = {
    provider: 'demo',
    providerEventId: 'evt_dry',
    providerObjectId: 'in_dry',
    occurredAt: '2027-01-25T10:00:00Z',
    amount: { minor: 900, currency: 'EUR' },
    subscriptionRef: 'sub_unknown',
  };
  const event = { specversion: '1.0', id: 'evt_dry', source: 'test', type: 'payment.settled', data: fact };
  assert.is((await perennial.post('/payments', event)).status, 202);
  await until('the payment waits', async () => {
    const { payments } = (await perennial.get('/payments/inbox?status=parked')).body;
    return (payments as readonly Json[]).some(({ providerEventId }) => providerEventId === 'evt_dry');
  });
  await refused('life', 'link-payment', ['PAYMENT_NOT_FOUND'], { paymentId: 'demo/in_none' });
  await done('life', 'link-payment', { paymentId: 'evt_dry' });
  await done('life', 'pay-balance');
  const issued = (await perennial.post('/product-keys', { planId: 'SPE_E3', seats: 4, term: 'P1Y', count: 2 })).body;
  const [first, second] = issued.keys as readonly Json[];
  await done('life', 'redeem-key', { key: first.key, mode: 'extend' });
  await refused('life', 'redeem-key', ['KEY_ALREADY_REDEEMED'], { key: first.key, mode: 'extend' });
  await done('life', 'redeem-key', { key: second.key, mode: 'add-seats' });
  await create('other');
  await done('other', 'activate');
  await done('life', 'move-license', { userId: 'alice', toSubscriptionId: 'other' });
  await refused('life', 'unassign-license', ['NOT_ASSIGNED'], { userId: 'alice' });
  await done('other', 'unassign-license', { userId: 'alice' });
});

test('the ways out and back, to the end', async () => {
  await refused('life', 'reactivate', ['ALREADY_ACTIVE']);
  await done('life', 'cancel-now', { reason: 'moving' });
  await refused('life', 'cancel-now', ['ALREADY_CANCELLED']);
  await done('life', 'reactivate', { paymentMethod });
  await done('life', 'disable', { reason: 'fraud' });
  await refused('life', 'reactivate', ['DISABLED_BY_PROVIDER'], { paymentMethod });
  await done('life', 'support-reactivate', { reason: 'a mistake', ticket: 'T-1' });
  await done('life', 'cancel-now');
  await refused('life', 'delete-now', ['CONFIRMATION_REQUIRED']);
  await done('life', 'delete-now', { confirm: 'life' });
  assert.equal([...accepted].sort(), [...contract].sort(), 'every command of the contract was asked and given');
});

const bodies: Readonly<Record<string, object>> = {
  'support-reactivate': { reason: 'r', ticket: 'T' },
  'set-recurring-billing': { on: true },
  disable: { reason: 'fraud' },
  resume: { hold: 'pause' },
  'change-plan': { planId: 'SPE_E5' },
  'add-seats': { count: 1 },
  'remove-seats': { count: 1 },
  'assign-license': { userId: 'alice' },
  'unassign-license': { userId: 'alice' },
  'move-license': { userId: 'alice', toSubscriptionId: 'other' },
  'set-apps-for-assignment': { userId: 'alice', appsOff: [] },
  'activate-device': { userId: 'alice', deviceId: 'd1', kind: 'tablet' },
  'deactivate-device': { userId: 'alice', deviceId: 'd1' },
  'add-payment-method': { paymentMethod },
  'replace-payment-method': { paymentMethod },
  'update-payment-method': { securityCodeConfirmed: true },
  'convert-trial': { paymentMethod },
  'redeem-key': { key: '33333-33333-33333-33333-33333', mode: 'extend' },
  'link-payment': { paymentId: 'demo/in_dry' },
  'add-note': { text: 'over' },
  'correct-fact': { eventId: '00000000-0000-4000-8000-000000000000', reason: 'wrong' },
};

test('once it is deleted every command still answers its dry run as itself', async () => {
  for (const name of contract) await both('life', name, bodies[name]);
});

test('no dry run left anything in the log, nor among the refusals that are recorded beside the answer', async () => {
  const events = await appended();
  const ofDryRuns = events.filter(
    ({ metadata }) => metadata.$correlationId === dryCorrelation['Perennial-Correlation-Id'],
  );
  assert.equal(named(ofDryRuns), []);
  assert.ok(events.some(isAsked));
});

test('a list of actions for another instant and other roles is the one of then and theirs', async () => {
  const { events } = (await perennial.get(`${tenant}/life/history`)).body;
  const activated = (events as readonly Json[]).find(({ type }) => type === 'SubscriptionActivated');
  const then = (await perennial.get(`${tenant}/life/actions?at=${activated.effectiveAt}`)).body
    .actions as readonly Json[];
  const now = (await perennial.get(`${tenant}/life/actions`)).body.actions as readonly Json[];
  const of = (actions: readonly Json[], name: string): Json => actions.find(({ command }) => command === name);
  assert.equal(
    [of(then, 'activate').reasonCodes, of(now, 'activate').reasonCodes],
    [['ALREADY_ACTIVE'], ['ALREADY_DELETED']],
  );
  assert.is(of(then, 'cancel-now').available, true);
  const response = await fetch(`${perennial.url}/v1${tenant}/other/actions`, {
    headers: { 'Perennial-Roles': 'license-admin', 'Perennial-Actor': 'user:lena' },
  });
  const asked: Json = await response.json();
  assert.is(response.status, 200, JSON.stringify(asked));
  const actions = asked.actions as readonly Json[];
  assert.equal(of(actions, 'cancel-now').reasonCodes, ['NOT_BILLING_ADMIN']);
  assert.is(of(actions, 'assign-license').available, true);
  assert.ok(of(actions, 'cancel-now').remedies[0].text.nl);
});

test.run();
