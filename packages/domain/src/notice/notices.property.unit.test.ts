import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { histories, type Step } from '../subscription/testing/histories.ts';
import { Subject, at, fact } from '../subscription/testing/subject.ts';
import { noticesAhead } from './noticed-deadlines.ts';
import { Noticed } from './testing/noticed.ts';

const test = suite('notices: late timers and late facts change nothing');
const hour = 3_600_000;
const start = Date.parse('2027-01-31T10:00:00.000Z');
const end = 210 * 24;

type History = typeof histories extends fc.Arbitrary<infer T> ? T : never;

/** Runs a history; looks at the notices every so many hours, or only at its end. */
function live({ steps, price, trial, activated }: History, everyHours: number | null): Noticed {
  const subject = Subject.created(
    { seats: 1, term: 'P1M', ...(price === undefined ? {} : { price }), trial: trial && !activated },
    at('2027-01-31T10:00'),
  );
  if (activated) subject.accept('activate');
  const noticed = new Noticed(subject);
  let looked = 0;
  const lookUntil = (hours: number): void => {
    if (everyHours === null) return;
    for (; looked + everyHours <= hours; looked += everyHours) {
      subject.now = laterOf(subject.now, instant(looked + everyHours));
      subject.tickWithoutDeleting();
      noticed.review();
    }
  };
  for (const step of steps) {
    lookUntil(step.hours);
    subject.now = laterOf(subject.now, instant(step.hours));
    take(subject, step);
    if (everyHours !== null) noticed.review();
  }
  lookUntil(end);
  subject.now = instant(end);
  subject.tickWithoutDeleting();
  noticed.review();
  return noticed;
}

/** When a notice that is still queued was due is told as it was known then. */
function read(noticed: Noticed): unknown {
  return noticed.shown().map((notice) => (notice.status === 'queued' ? { ...notice, dueAt: null } : notice));
}

function take(subject: Subject, step: Step): void {
  if (step.fact) subject.pay(step.fact);
  else if (step.command) subject.command(...step.command);
  else subject.tickWithoutDeleting();
}

function instant(hours: number): string {
  return new Date(start + hours * hour).toISOString();
}

function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}

test('whoever looks every day and whoever slept all the time end with the same notices', () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(24, 60, 200), (history, everyHours) => {
      assert.equal(read(live(history, everyHours)), read(live(history, null)));
    }),
    { numRuns: 150 },
  );
});

const facts = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'settled',
      'failed',
      'action_required',
      'action_required',
      'voided',
      'refunded',
      'dispute_opened',
    ),
    object: fc.constantFrom('in_1', 'in_2', 'in_3'),
    hours: fc.integer({ min: 1, max: 100 * 24 }),
    delayHours: fc.constantFrom(0, 0, 30, 400, 2_000),
  } as const),
  { minLength: 1, maxLength: 7 },
);
const decisions = fc.record({
  cancelledAt: fc.option(fc.integer({ min: 0, max: 90 * 24 }), { nil: null }),
  recurringBilling: fc.boolean(),
});

type Given = typeof facts extends fc.Arbitrary<infer T> ? T : never;

/** Facts become known in order of `when`; somebody looks after each. */
function told(
  given: Given,
  { cancelledAt, recurringBilling }: typeof decisions extends fc.Arbitrary<infer T> ? T : never,
  when: (one: Given[number]) => number,
): readonly [Subject, Noticed] {
  const subject = Subject.active({ seats: 1, term: 'P1M', recurringBilling }, at('2027-01-31T10:00'));
  const noticed = new Noticed(subject);
  const steps = given.map((one, index): { readonly hours: number; readonly do: () => void } => ({
    hours: when(one),
    do: () => void subject.pay(fact(one.kind, instant(one.hours), { id: one.object, eventId: `evt_${index}` })),
  }));
  if (cancelledAt !== null) steps.push({ hours: cancelledAt + 0.5, do: () => void subject.command('cancel-now') });
  for (const step of steps.sort((a, b) => a.hours - b.hours)) {
    subject.now = laterOf(subject.now, instant(step.hours));
    subject.tickWithoutDeleting();
    noticed.review();
    step.do();
    noticed.review();
  }
  subject.now = instant(end);
  subject.tickWithoutDeleting();
  noticed.review();
  return [subject, noticed];
}

test('facts that become known in another order, with looks in between, lead to the same notices', () => {
  fc.assert(
    fc.property(facts, decisions, (given, decided) => {
      const [subject, inTime] = told(given, decided, ({ hours }) => hours);
      const [lateSubject, late] = told(given, decided, ({ hours, delayHours }) => hours + delayHours);
      // Whoever cancels sees what is known then; another answer makes another history.
      fc.pre(lateSubject.state.commands.length === subject.state.commands.length);
      assert.equal(read(late), read(inTime));
    }),
    { numRuns: 150 },
  );
});

test('a second look writes nothing', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const noticed = live(history, 60);
      assert.equal(noticed.review(), []);
    }),
    { numRuns: 50 },
  );
});

test('whatever is queued now is about a deadline that stands, and its slot is the running one', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { steps, price } = history;
      const subject = Subject.active({ seats: 1, term: 'P1M', ...(price ? { price } : {}) }, at('2027-01-31T10:00'));
      const noticed = new Noticed(subject);
      for (const step of steps) {
        subject.now = laterOf(subject.now, instant(step.hours));
        subject.tickWithoutDeleting();
        take(subject, step);
        noticed.review();
        const running = noticesAhead(subject.header)
          .filter(({ from, to }) => from <= subject.now && subject.now < to)
          .map(({ noticeId }) => noticeId);
        const queued = noticed.shown().filter(({ status, deadline }) => status === 'queued' && deadline !== null);
        assert.equal(queued.map(({ noticeId }) => noticeId).sort(), running.sort());
        for (const { dueAt, sendBy } of queued) assert.ok(dueAt <= subject.now && subject.now < sendBy);
      }
    }),
    { numRuns: 100 },
  );
});

test.run();
