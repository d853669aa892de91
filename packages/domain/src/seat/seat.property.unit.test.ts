import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceKinds } from './events.ts';
import { evolveSeat, evolveSeatUse, initialSeat, unusedSeat } from './state.ts';
import { SeatSubject } from './testing/seat-subject.ts';

const test = suite('seat: any history');

const device = fc.integer({ min: 1, max: 9 }).map((number) => `device-${number}`);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('in' as const), device, kind: fc.constantFrom(...deviceKinds) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('out' as const), device }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('apps' as const), off: fc.subarray(['word', 'teams', 'excel']) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('give' as const, 'take' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.nat(40) }) },
);
const histories = fc.array(
  fc.record({ step, commandId: fc.oneof(fc.constant(undefined), fc.constantFrom('x', 'y')) }),
  { maxLength: 60 },
);

/** Runs a history; refusals are part of it. */
function replay(history: typeof histories extends fc.Arbitrary<infer H> ? H : never): SeatSubject {
  const seat = SeatSubject.held();
  for (const { step: what, commandId } of history) {
    const before = seat.log.length;
    if (what.do === 'in') seat.command('activate-device', { deviceId: what.device, kind: what.kind }, commandId);
    if (what.do === 'out') seat.command('deactivate-device', { deviceId: what.device }, commandId);
    if (what.do === 'apps') seat.command('set-apps-for-assignment', { appsOff: what.off }, commandId);
    if (what.do === 'give') seat.subscription.command('assign-license', { personId: 'alice' });
    if (what.do === 'take') seat.subscription.command('unassign-license', { personId: 'alice' });
    if (what.do === 'wait')
      seat.subscription.now = new Date(Date.parse(seat.subscription.now) + what.days * 86_400_000).toISOString();
    check(seat);
    if (what.do === 'in' && seat.log.length > before && what.device !== seat.devices.at(-1)) {
      throw new Error('the device that signed in is not the most recently used one');
    }
  }
  return seat;
}

function check(seat: SeatSubject): void {
  const { devices } = seat.inForce;
  for (const kind of deviceKinds) assert.ok(devices.filter((one) => one.kind === kind).length <= 5, 'limit of a kind');
  assert.is(new Set(seat.devices).size, devices.length, 'a device counts once');
  const uses = devices.map(({ lastUsedAt }) => lastUsedAt);
  assert.equal(uses, [...uses].sort(), 'the least recently used first');
}

test('never more than five devices of a kind, each once, in the order of their use', () => {
  fc.assert(
    fc.property(histories, (history) => void replay(history)),
    { numRuns: 300 },
  );
});

test('every command repeated answers as at first and changes nothing', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const seat = replay(history);
      const before = seat.state;
      const applied = new Set(seat.log.map(({ commandId }) => commandId));
      for (const { step: what, commandId } of history) {
        if (commandId === undefined || !applied.has(commandId) || what.do !== 'in') continue;
        const again = seat.command('activate-device', { deviceId: what.device, kind: what.kind }, commandId);
        // The same id may have come with other content first.
        const isReused = again.kind === 'refused' && again.reasonCodes[0] === 'COMMAND_ID_REUSED';
        assert.ok(again.kind === 'repeated' || isReused, again.kind);
        assert.is(seat.state, before);
      }
    }),
    { numRuns: 200 },
  );
});

test('every device that was activated is active or its end is in the log, and the read models fold the same', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { log, state } = replay(history);
      assert.equal(log.reduce(evolveSeat, initialSeat), state);
      assert.equal(log.reduce(evolveSeatUse, unusedSeat), state.use);
      const open = new Set<string>();
      for (const { type, data } of log) {
        if (!('deviceId' in data)) continue;
        const name = `${data.heldSince} ${data.deviceId}`;
        if (type === 'DeviceActivated') open.add(name);
        else assert.ok(open.delete(name), 'only an active device is deactivated');
      }
      assert.equal(
        [...open].sort(),
        state.use.devices.map(({ deviceId }) => `${state.use.heldSince} ${deviceId}`).sort(),
      );
    }),
    { numRuns: 300 },
  );
});

test.run();
