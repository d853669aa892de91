/**
 * Licences that exclude one another, given to one person in one moment: on real engines, from two processes' worth of
 * command services, and with no read side that could tell one of the other.
 */
import { personStream, seatStream } from '@perennial/domain';
import type { CommandResult, PlanSource } from '@perennial/handlers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startEngines, type Engines } from './engines.ts';
import { openWriteSide, type WriteSide } from './write-side.ts';

const test = suite('services that exclude one another, on real engines');

const services: Readonly<Record<string, readonly object[]>> = {
  team: [{ appId: 'share-1' }],
  firm: [{ appId: 'share-2', excludes: ['share-1'] }],
};
const plans: PlanSource = {
  version: () => 'test-1',
  // Written as the catalogue would say it.
  plan: (planId) => ({ planId, apps: [], services: services[planId] }) as ReturnType<PlanSource['plan']>,
};
let engines: Engines;
let sides: readonly [WriteSide, WriteSide];

test.before(async () => {
  engines = await startEngines();
  sides = [await openWriteSide(engines, plans), await openWriteSide(engines, plans)];
  for (const id of ['team-1', 'team-2']) await sides[0].subscribe(id, { planId: 'team', seats: 40 });
  for (const id of ['firm-1', 'firm-2']) await sides[0].subscribe(id, { planId: 'firm', seats: 40 });
});

test.after(async () => {
  for (const side of sides ?? []) await side.stop();
  await engines?.stop();
});

function assign(id: string, personId: string, by: WriteSide, appsOff: string[] = []): Promise<CommandResult> {
  return by.execute(id, { name: 'assign-license', body: { personId, appsOff } }, `assign-${id}-${personId}`);
}

/** Plans of which the person holds a seat, by the events. */
async function held(personId: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of ['team-1', 'team-2', 'firm-1', 'firm-2']) {
    const events = await sides[0].events(id);
    const own = events.filter(({ type, data }) => type.startsWith('License') && Object(data).personId === personId);
    if (own.at(-1)?.type === 'LicenseAssigned') found.push(id);
  }
  return found;
}

test('of two assignments that exclude one another at once, from two processes, one is refused', async () => {
  for (let round = 1; round <= 15; round += 1) {
    const person = `racer-${round}`;
    const ids = round % 2 === 0 ? ['team-1', 'firm-1'] : ['firm-1', 'team-1'];
    const results = await Promise.all(ids.map((id, index) => assign(id, person, sides[index % 2 === 0 ? 0 : 1])));
    assert.equal(results.map(({ kind }) => kind).sort(), ['accepted', 'refused'], JSON.stringify(results));
    const refused = results.find((result) => result.kind === 'refused');
    assert.equal(refused?.kind === 'refused' && refused.reasonCodes, ['SERVICE_CONFLICT']);
    assert.is((await held(person)).length, 1);
  }
});

test('four at once, two of each plan: only those of one plan are given', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const person = `crowd-${round}`;
    const ids = ['team-1', 'firm-1', 'team-2', 'firm-2'];
    await Promise.all(ids.map((id, index) => assign(id, person, sides[index < 2 ? 0 : 1])));
    const plansHeld = new Set((await held(person)).map((id) => id.slice(0, 4)));
    assert.is(plansHeld.size, 1, [...plansHeld].join());
  }
});

test('whoever gives one back may have the other at once; a repeat answers as at first', async () => {
  const [one, other] = sides;
  const first = await assign('team-1', 'mover', one);
  assert.is(first.kind, 'accepted');
  assert.is((await assign('firm-1', 'mover', other)).kind, 'refused');
  await one.execute('team-1', { name: 'unassign-license', body: { personId: 'mover' } });
  assert.is((await assign('firm-1', 'mover', other)).kind, 'accepted');
  assert.equal(await assign('team-1', 'mover', other), { ...first, kind: 'repeated' });
  assert.equal(await held('mover'), ['firm-1']);
});

test('an app that is turned on while a licence that excludes it is given: one of the two is refused', async () => {
  for (let round = 1; round <= 10; round += 1) {
    const person = `toggler-${round}`;
    assert.is((await assign('firm-2', person, sides[0], ['share-2'])).kind, 'accepted');
    const [toggled, given] = await Promise.all([
      sides[0].commands.executeSeat({
        tenant: 'acme',
        subscriptionId: 'firm-2',
        command: { name: 'set-apps-for-assignment', body: { personId: person, appsOff: [] } },
        commandId: `toggle-${person}`,
        actor: { type: 'user', id: 'admin' },
        roles: ['global-admin'],
        correlationId: 'toggle',
      }),
      assign('team-2', person, sides[1]),
    ]);
    assert.equal([toggled.kind, given.kind].sort(), ['accepted', 'refused'], JSON.stringify([toggled, given]));
    const toggles = [];
    for await (const event of engines.store.readStream(seatStream('acme', 'firm-2', person))) toggles.push(event);
    assert.is(toggles.length, toggled.kind === 'accepted' ? 1 : 0);
  }
});

test('a claim whose command was refused in the end is released', async () => {
  const full = await sides[0].subscribe('team-full', { planId: 'team', seats: 1 });
  const results = await Promise.all(
    ['last-1', 'last-2'].map((person, index) => assign(full, person, sides[index === 0 ? 0 : 1])),
  );
  assert.equal(results.map(({ kind }) => kind).sort(), ['accepted', 'refused'], JSON.stringify(results));
  const loser = results[0]?.kind === 'refused' ? 'last-1' : 'last-2';
  assert.is((await assign('firm-1', loser, sides[0])).kind, 'accepted', 'nothing stands in the way');
  const types = [];
  for await (const { type } of engines.store.readStream(personStream('acme', loser))) types.push(type);
  assert.ok(types.length === 1 || types.includes('LicenseClaimReleased'), types.join());
});

test.run();
