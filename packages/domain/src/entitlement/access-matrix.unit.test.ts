import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { card, inState } from '../subscription/testing/states.ts';
import { Subject, at, fact } from '../subscription/testing/subject.ts';
import { appRows, userLicenseRows, type HeldSeat } from './person-rows.ts';
import type { AppRow, PlanRow } from './rows.ts';

const test = suite('the access matrix (domain.md 6.9)');

/** How each row is reached; Alice holds a seat wherever one can be held before. */
const rows: Readonly<Record<string, () => Subject>> = {
  pending: () => inState.pending(),
  active: () => licensed(),
  'active, a trial': () => licensed({ trial: true }),
  'active, past due': () => {
    const subject = licensed({ price: { minor: 1000, currency: 'EUR' } });
    subject.pay(fact('failed', subject.now, { id: 'first', amount: { minor: 3000, currency: 'EUR' } }));
    return subject;
  },
  'active + pause': () => then(licensed(), (subject) => subject.accept('pause')),
  'active + suspend': () => then(licensed(), (subject) => subject.accept('suspend')),
  expired: () => then(licensed(), (subject) => subject.tick('2027-06-05')),
  'expired, VL': () => then(licensed({ profile: 'vl-enterprise' }), (subject) => subject.tick('2027-06-05')),
  'expired, trial': () => then(licensed({ trial: true }), (subject) => subject.tick('2026-07-05')),
  disabled: () => then(licensed(), (subject) => subject.accept('disable', { reason: 'admin' })),
  'disabled before its start': () =>
    then(inState.pending(), (subject) => subject.accept('disable', { reason: 'fraud' })),
  cancelled: () => then(licensed(), (subject) => subject.accept('cancel-now')),
  reactivated: () => then(rows['expired']?.(), (subject) => subject.accept('reactivate', { paymentMethod: card })),
  'reactivated + pause': () => then(rows['reactivated']?.(), (subject) => subject.accept('pause')),
  'reactivated, marketplace': () =>
    then(licensed({ profile: 'marketplace-saas' }), (subject) => {
      // It knows no grace: at the end of its term it is disabled.
      subject.tick('2027-06-05');
      subject.accept('reactivate', { paymentMethod: card });
    }),
  deleted: () => then(licensed(), (subject) => subject.tick('2027-12-01')),
};

function licensed(body: Parameters<typeof Subject.active>[0] = {}): Subject {
  const subject = Subject.active(body);
  subject.accept('assign-license', { personId: 'alice' });
  return subject;
}

function then(subject: Subject | undefined, more: (subject: Subject) => void): Subject {
  if (subject === undefined) throw new Error('no such row');
  more(subject);
  return subject;
}

/**
 * Read as the document: what its person may do with services and desktop apps, whether a licence may be assigned and taken
 * away, whether data can be backed up, and whether plan and seats may be changed.
 */
const table = `
  state                     | services | desktop | assign | unassign | back up | change
  pending                   | none     | none    | no     | no       | no      | no
  active                    | full     | full    | yes    | yes      | yes     | yes
  active, a trial           | full     | full    | yes    | yes      | yes     | yes
  active, past due          | full     | full    | yes    | yes      | yes     | yes
  active + pause            | none     | reduced | no     | yes      | yes     | no
  active + suspend          | none     | reduced | no     | yes      | yes     | no
  expired                   | full     | full    | yes    | yes      | yes     | no
  expired, VL               | none     | none    | no     | yes      | yes     | no
  expired, trial            | full     | full    | yes    | yes      | yes     | no
  disabled                  | none     | reduced | no     | yes      | yes     | no
  disabled before its start | none     | none    | no     | no       | yes     | no
  cancelled                 | none     | reduced | no     | yes      | yes     | no
  reactivated               | full     | full    | yes    | yes      | yes     | no
  reactivated + pause       | none     | reduced | no     | yes      | yes     | no
  reactivated, marketplace  | none     | reduced | yes    | yes      | yes     | no
  deleted                   | none     | none    | no     | no       | no      | no
`;

const columns = {
  assign: ['assign-license', { personId: 'bob' }],
  unassign: ['unassign-license', { personId: 'alice' }],
} as const;

const cells = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

const plan: PlanRow = {
  planId: 'business',
  name: 'Business',
  apps: [
    { appId: 'teams', name: 'Teams', kind: 'service' },
    { appId: 'word', name: 'Word', kind: 'desktop' },
  ],
};

function held({ header }: Subject, appsOff: string[] = []): HeldSeat {
  return { seat: { appsOff, source: 'direct', assignedAt: header.createdAt, heldSince: 2 }, devices: [], header, plan };
}

/** Deleted subscriptions leave no row: that is none. */
function accessTo(appId: string, subject: Subject): AppRow['access'] {
  return appRows([held(subject)], subject.now).find((row) => row.appId === appId)?.access ?? 'none';
}

const isAllowed = (codes: readonly string[]): string =>
  codes.length === 1 && (codes[0] === 'accepted' || codes[0] === 'nothing') ? 'yes' : 'no';

test('the table has a row for every way, and every column its heading', () => {
  const [headings, ...body] = cells;
  assert.equal(headings, ['state', 'services', 'desktop', 'assign', 'unassign', 'back up', 'change']);
  assert.equal(
    body.map(([name]) => name),
    Object.keys(rows),
  );
});

for (const [name = '', services, desktop, assign, unassign, backUp, change] of cells.slice(1)) {
  test(name, () => {
    const make = rows[name];
    if (make === undefined) throw new Error(`how is ${name} reached?`);
    const told = {
      services: accessTo('teams', make()),
      desktop: accessTo('word', make()),
      assign: isAllowed(make().codes(...columns.assign)),
      unassign: isAllowed(make().codes(...columns.unassign)),
      backUp: isAllowed(make().codes('export-data')),
      change: isAllowed(make().codes('change-plan', { planId: 'other' })),
    };
    assert.equal(told, { services, desktop, assign, unassign, backUp, change });
    const [row] = appRows([held(make())], make().now).filter(({ appId }) => appId === 'word');
    assert.is(row?.downloadable ?? false, desktop === 'full', 'only what works in full can be downloaded');
    const [license] = userLicenseRows([held(make())], make().now);
    if (license !== undefined) assert.is(license.state, services === 'full' ? 'Active' : 'Disabled');
  });
}

test('while reactivated fewer seats and another plan have to wait', () => {
  const subject = rows['reactivated']?.();
  assert.equal(subject?.codes('remove-seats', { count: 1 }), ['REACTIVATION_IN_PROGRESS']);
  assert.equal(subject?.codes('change-plan', { planId: 'other' }), ['REACTIVATION_IN_PROGRESS']);
});

const rank = { full: 0, reduced: 1, none: 2 } as const;
const someRows = fc.array(
  fc.record({ name: fc.constantFrom(...Object.keys(rows)), off: fc.subarray(['teams', 'word']) }),
  { minLength: 1, maxLength: 5 },
);

test('of several subscriptions the best access wins, every one is named with its reason, and the first change counts', () => {
  const now = at('2028-01-01');
  fc.assert(
    fc.property(someRows, (chosen) => {
      const seats = chosen.map(({ name, off }, index) => {
        const seat = held(
          then(rows[name]?.(), () => {}),
          off,
        );
        return { ...seat, header: { ...seat.header, subscriptionId: `s${index}` } };
      });
      for (const instant of [seats[0]?.header.statusSince ?? now, now]) {
        const together = appRows(seats, instant);
        for (const appId of ['teams', 'word']) {
          const alone = seats.flatMap((seat) => appRows([seat], instant).filter((row) => row.appId === appId));
          const row = together.find((each) => each.appId === appId);
          if (alone.length === 0) {
            assert.is(row, undefined);
            continue;
          }
          const best = [...alone].sort((a, b) => rank[a.access] - rank[b.access])[0];
          assert.is(row?.access, best?.access);
          assert.equal(
            [...(row?.because ?? [])].sort((a, b) => (a.subscriptionId < b.subscriptionId ? -1 : 1)),
            alone.flatMap(({ because }) => because),
          );
          assert.is(
            row?.because[0]?.subscriptionId,
            alone.find(({ access }) => access === best?.access)?.because[0]?.subscriptionId,
          );
          const changes = alone.flatMap(({ changesAt }) => changesAt ?? []).sort();
          assert.is(row?.changesAt, changes[0] ?? null);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a row changes by itself when the term ends or a conflict lapses, not when seats become fewer', () => {
  const subject = Subject.active({ seats: 3 });
  for (const personId of ['alice', 'bob', 'carol']) subject.accept('assign-license', { personId });
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.now = at('2027-05-20');
  subject.pay(fact('settled', '2027-05-20', { id: 'second' }));
  const changesAt = () => appRows([held(subject)], subject.now)[0]?.changesAt;
  assert.is(changesAt(), at('2028-06-01'), 'paid ahead: the seats that go in June are not hers');
  subject.tick('2027-06-01');
  assert.is(changesAt(), at('2027-08-30'), 'she may lose her seat with the conflict');
});

test.run();
