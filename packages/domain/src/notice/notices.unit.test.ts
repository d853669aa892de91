import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { languageOf, noticeText, noticeTexts } from '../messages/index.ts';
import { Subject, at, fact } from '../subscription/testing/subject.ts';
import { upcomingTransitions } from '../subscription/upcoming.ts';
import { noticeKinds } from './kinds.ts';
import { noticesAhead } from './noticed-deadlines.ts';
import { Noticed } from './testing/noticed.ts';

const test = suite('notices');
const card = { kind: 'card', token: 'tok_1', country: 'NL' } as const;

/** Annual to 2027-06-01, ending by itself. */
function ending(): { readonly subject: Subject; readonly noticed: Noticed } {
  const subject = Subject.active({ recurringBilling: false }, '2026-06-01');
  return { subject, noticed: new Noticed(subject) };
}

test('a term that ends by itself: thirty, fourteen, seven, three days and one day before, at those very instants', () => {
  const { noticed } = ending();
  const due = ['2027-05-02', '2027-05-18', '2027-05-25', '2027-05-29', '2027-05-31'];
  const leads = ['P30D', 'P14D', 'P7D', 'P3D', 'P1D'];
  for (const [index, day] of due.entries()) {
    assert.equal(noticed.at(new Date(Date.parse(at(day)) - 1).toISOString()), [], `${day} comes a millisecond later`);
    const queued = noticed.at(day).filter((line) => line.startsWith('NoticeQueued'));
    assert.equal(queued, [`NoticeQueued term-end-20270601T000000000Z-${leads[index]} ${day}T00:00`]);
    assert.is(noticed.ids('queued').length, 1, 'the one before gave way');
  }
});

test('the whole line after the end: grace, retention, deletion, each with its own notices', () => {
  const { noticed } = ending();
  noticed.at('2027-12-01');
  const queued = noticed.log.filter(({ type }) => type === 'NoticeQueued');
  assert.is(queued.length, 15);
  assert.equal(
    noticed.log
      .filter(({ type }) => type === 'RetentionWarningIssued')
      .map(({ effectiveAt }) => effectiveAt.slice(0, 10)),
    ['2027-08-30', '2027-09-15', '2027-09-22', '2027-09-26', '2027-09-28'],
  );
  assert.is(noticed.ids('lapsed').length, 15, 'nobody sent them in their time');
  assert.is(noticed.ids('queued').length, 0, 'and nobody will be told absurdly late');
});

test('a look 200 days late writes the log of one that looked twice a day', () => {
  const onTime = ending();
  for (let ms = Date.parse(at('2026-06-01')); ms <= Date.parse(at('2027-12-18')); ms += 43_200_000) {
    onTime.noticed.at(new Date(ms).toISOString());
  }
  const late = ending();
  late.noticed.at('2027-12-18');
  assert.equal(late.noticed.log, onTime.noticed.log);
  assert.is(late.noticed.log.length, 35);
});

test('while it renews by itself nobody is told; trials are told whatever happens at their end', () => {
  assert.equal(noticesAhead(Subject.active().header), []);
  const trial = noticesAhead(Subject.active({ trial: true, term: 'P1M' }, '2026-06-01').header);
  assert.equal(
    trial.map(({ kind, from }) => `${kind} ${from.slice(0, 10)}`),
    [
      'trial_ending 2026-06-01',
      'trial_ending 2026-06-17',
      'trial_ending 2026-06-24',
      'trial_ending 2026-06-28',
      'trial_ending 2026-06-30',
    ],
  );
});

test('the grace of a trial ends in deletion, and says so', () => {
  const subject = Subject.active({ trial: true, term: 'P1M' }, '2026-06-01');
  const noticed = new Noticed(subject);
  noticed.at('2026-07-25');
  assert.equal(noticed.ids('queued'), ['grace-end-20260731T000000000Z-P7D']);
  assert.is(noticed.shown().find(({ status }) => status === 'queued')?.kind, 'retention_ending');
});

test('a deadline that arises late is told at once, and only once', () => {
  const subject = Subject.active({}, '2026-06-01');
  const noticed = new Noticed(subject);
  subject.now = at('2027-05-27T09:30');
  subject.accept('set-recurring-billing', { on: false });
  assert.equal(noticed.review(), ['NoticeQueued term-end-20270601T000000000Z-P7D 2027-05-27T09:30']);
  assert.equal(noticed.review(), []);
});

test('a reactivation by card awaits its payment less than a day: told at once', () => {
  const { subject, noticed } = ending();
  noticed.at('2027-06-10');
  subject.accept('reactivate', { paymentMethod: card });
  const written = noticed.review();
  assert.ok(
    written.includes('NoticeQueued reactivation-confirm-20270610T230000000Z-P1D 2027-06-10T00:00'),
    written.join(),
  );
  assert.ok(written.includes('NoticeWithdrawn grace-end-20270701T000000000Z-P30D 2027-06-10T00:00'), written.join());
});

test('while a reactivation awaits its payment only that is told, not the end of the term that it would lead to', () => {
  const { subject } = ending();
  subject.tick('2027-06-10');
  subject.accept('reactivate', { paymentMethod: { ...card, kind: 'invoice' } });
  assert.is(subject.header.recurringBilling, false);
  assert.equal([...new Set(noticesAhead(subject.header).map(({ kind }) => kind))], ['reactivation_unpaid']);
});

test('whoever has more seats assigned than paid for is told of the day on which that ends, also in a trial', () => {
  const subject = Subject.active({ seats: 3 }, '2026-06-01');
  for (const personId of ['alice', 'bob', 'carol']) subject.accept('assign-license', { personId });
  subject.accept('remove-seats', { count: 2, when: 'renewal' });
  subject.now = at('2027-05-20');
  subject.pay(fact('settled', '2027-05-20', { id: 'second' }));
  const noticed = new Noticed(subject);
  noticed.at('2027-08-16');
  assert.equal(noticed.ids('queued'), ['seat-conflict-20270830T000000000Z-P14D']);
  noticed.at('2027-08-23');
  assert.equal(noticed.ids('queued'), ['seat-conflict-20270830T000000000Z-P7D']);

  const trial = Subject.active({ trial: true, term: 'P1M', seats: 3 }, '2026-06-01').header;
  const seatConflict = { since: at('2026-06-01'), deadline: at('2026-08-30'), lapsed: false };
  const kinds = noticesAhead({ ...trial, seatsAssigned: 5, seatConflict }).map(({ kind }) => kind);
  assert.equal([...new Set(kinds)], ['trial_ending', 'seat_conflict']);
});

test('what is paid is withdrawn when it was paid; switched on again, off again: queued again under its name', () => {
  const { subject, noticed } = ending();
  noticed.at('2027-05-26');
  subject.accept('set-recurring-billing', { on: true });
  assert.equal(noticed.review(), ['NoticeWithdrawn term-end-20270601T000000000Z-P7D 2027-05-26T00:00']);
  subject.now = at('2027-05-27');
  subject.accept('set-recurring-billing', { on: false });
  assert.equal(noticed.review(), ['NoticeQueued term-end-20270601T000000000Z-P7D 2027-05-27T00:00']);
  subject.now = at('2027-05-28');
  subject.pay(fact('settled', '2027-05-28'));
  assert.equal(noticed.review(), ['NoticeWithdrawn term-end-20270601T000000000Z-P7D 2027-05-28T00:00']);
});

test('a payment that shows that a notice was never due undoes it, unless it was sent', () => {
  for (const isSent of [false, true]) {
    const { subject, noticed } = ending();
    noticed.at('2027-06-02');
    const [first = ''] = noticed.ids('queued');
    assert.is(first, 'grace-end-20270701T000000000Z-P30D');
    if (isSent) noticed.report(first, { outcome: 'sent', reference: 'm-1' });
    subject.pay(fact('settled', '2027-05-31T23:59'));
    const written = noticed.review();
    assert.is(subject.header.status, 'active');
    assert.is(written.includes(`NoticeWithdrawn ${first} 2027-06-01T00:00`), !isSent);
    assert.equal(
      noticed
        .shown()
        .filter(({ noticeId }) => noticeId === first)
        .map(({ status }) => status),
      isSent ? ['sent'] : [],
    );
  }
});

test('dunning: one, seven and fifteen days after the first failure, then daily, until the clock ends', () => {
  const subject = Subject.active({ term: 'P1Y' }, '2026-06-01');
  const noticed = new Noticed(subject);
  subject.now = at('2026-09-01');
  subject.pay(fact('failed', '2026-09-01', { id: 'in_9' }));
  noticed.at('2026-10-02');
  const due = noticed.log
    .filter(({ type, data }) => type === 'NoticeQueued' && data.kind === 'payment_overdue')
    .map(({ effectiveAt }) => effectiveAt.slice(5, 10));
  assert.equal(due.slice(0, 5), ['09-02', '09-08', '09-16', '09-17', '09-18']);
  assert.is(due[16], '09-30');
  assert.is(noticed.shown().filter(({ kind }) => kind === 'payment_overdue').length, 17);
});

test('each failed charge is told at once, until the next attempt', () => {
  const subject = Subject.active({ term: 'P1Y' }, '2026-06-01');
  const noticed = new Noticed(subject);
  subject.now = at('2026-09-01');
  subject.pay(fact('failed', '2026-09-01', { id: 'in_9', attempt: 1 }));
  assert.equal(noticed.review(), ['NoticeQueued charge-failed-20260901T000000000Z-stripe=2Fin=5F9 2026-09-01T00:00']);
  subject.now = at('2026-09-04');
  subject.pay(fact('failed', '2026-09-04', { id: 'in_9', attempt: 2 }));
  noticed.review();
  assert.equal(noticed.ids('queued'), [
    'charge-failed-20260904T000000000Z-stripe=2Fin=5F9',
    'dunning-end-20260901T000000000Z-after-P1D',
  ]);
  subject.now = at('2026-09-05');
  subject.pay(fact('settled', '2026-09-05', { id: 'in_9' }));
  noticed.review();
  assert.equal(noticed.ids('queued'), []);
});

test('a reactivation whose charge fails for good is told, though it is over with that', () => {
  const { subject, noticed } = ending();
  noticed.at('2027-06-10');
  subject.accept('reactivate', { paymentMethod: card });
  subject.now = at('2027-06-10T01:00');
  const reactivationRef = subject.header.reactivation?.reactivationId;
  subject.pay(fact('failed', '2027-06-10T01:00', { id: 'in_r', nextAttemptAt: null, reactivationRef }));
  assert.is(subject.header.status, 'expired');
  noticed.review();
  assert.ok(noticed.ids('queued').includes('charge-failed-20270610T010000000Z-stripe=2Fin=5Fr'));
});

test('a charge that waits for the customer is told at once, until it goes on', () => {
  const subject = Subject.active({}, '2026-06-01');
  const noticed = new Noticed(subject);
  subject.now = at('2026-07-01T08:00');
  subject.pay(fact('action_required', '2026-07-01T08:00', { id: 'in_7' }));
  const id = 'action-required-20260701T080000000Z-stripe=2Fin=5F7';
  assert.equal(noticed.review(), [`NoticeQueued ${id} 2026-07-01T08:00`]);
  subject.now = at('2026-07-01T09:00');
  subject.pay(fact('settled', '2026-07-01T09:00', { id: 'in_7' }));
  assert.equal(noticed.review(), [`NoticeWithdrawn ${id} 2026-07-01T09:00`]);
});

test('money for a cancelled subscription: a credit, and a notice (domain.md 6.3)', () => {
  const subject = Subject.active({}, '2026-06-01');
  const noticed = new Noticed(subject);
  subject.now = at('2026-07-01');
  subject.accept('cancel-now');
  subject.now = at('2026-07-02');
  subject.pay(fact('settled', '2026-07-02', { id: 'in_8' }));
  assert.equal(noticed.review(), ['NoticeQueued credited-20260702T000000000Z-stripe=2Fin=5F8 2026-07-02T00:00']);
  assert.is(subject.header.status, 'cancelled');
});

test('a card that expires before the next renewal', () => {
  const subject = Subject.active({}, '2026-06-01');
  subject.accept('add-payment-method', { paymentMethod: { ...card, expires: '2026-09' } });
  const noticed = new Noticed(subject);
  assert.equal(noticed.at('2026-09-01'), ['NoticeQueued card-expiry-20261001T000000000Z-P30D 2026-09-01T00:00']);
  subject.accept('replace-payment-method', { paymentMethod: { ...card, token: 'tok_2', expires: '2030-01' } });
  assert.equal(noticed.review(), ['NoticeWithdrawn card-expiry-20261001T000000000Z-P30D 2026-09-01T00:00']);
});

test('what could not be sent is queued again five times in all, within its time', () => {
  const { subject, noticed } = ending();
  noticed.at('2027-05-02');
  const id = 'term-end-20270601T000000000Z-P30D';
  const waits: string[] = [];
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const [line = ''] = noticed.report(id, { outcome: 'failed', failure: 'MAILBOX_FULL' });
    assert.match(line, `NoticeFailed ${id}`);
    const { retryAt = null } = noticed.notices.get(id) ?? {};
    if (retryAt === null) break;
    waits.push(retryAt);
    assert.equal(noticed.review(), [], 'not before its time');
    subject.now = retryAt;
    assert.equal(noticed.review(), [`NoticeQueued ${id} ${retryAt.slice(0, 16)}`]);
    assert.is(noticed.notices.get(id)?.dueAt, at('2027-05-02'), 'due when it was');
  }
  assert.is(waits.length, 4);
  assert.equal(noticed.ids('failed'), [id], 'then it is given up');
  assert.equal(
    noticed.at('2027-05-18').filter((line) => line.includes(id)),
    [],
  );
});

test('reports: what was sent was sent, a repetition and a late failure change nothing', () => {
  const { subject, noticed } = ending();
  noticed.at('2027-05-02');
  const id = 'term-end-20270601T000000000Z-P30D';
  subject.now = at('2027-05-03');
  subject.accept('set-recurring-billing', { on: true });
  noticed.review();
  assert.equal(noticed.ids('withdrawn'), [id]);
  assert.equal(noticed.report(id, { outcome: 'failed', failure: 'X' }), []);
  assert.is(noticed.report(id, { outcome: 'sent' }).length, 1);
  assert.equal(noticed.report(id, { outcome: 'sent' }), []);
  assert.equal(noticed.report(id, { outcome: 'failed', failure: 'X' }), []);
  assert.equal(noticed.ids('sent'), [id]);
});

test('the words are those of the organisation: Dutch for any Dutch, English for the rest', () => {
  assert.equal(['nl', 'nl-BE', 'NL', 'en', 'fr-FR', undefined].map(languageOf), ['nl', 'nl', 'nl', 'en', 'en', 'en']);
  const subject = Subject.active({ recurringBilling: false, zone: 'Europe/Amsterdam' }, '2026-06-01');
  const noticed = new Noticed(subject, 'nl-NL');
  noticed.at('2027-05-31T10:00');
  const { text, language } = noticed.shown().find(({ status }) => status === 'queued') ?? {};
  assert.is(language, 'nl');
  assert.is(text?.subject, 'Abonnement s1 eindigt op 1 juni 2027');
});

test('every kind has words in both languages, with every placeholder filled', () => {
  for (const kind of noticeKinds) {
    const about = { subscription: 'office-1', plan: 'E3', date: '2027-06-01T00:00:00.000Z', zone: 'UTC' };
    const [en, nl] = [noticeText(kind, 'en', about), noticeText(kind, 'nl', about)];
    assert.ok(en.subject !== nl.subject && en.body !== nl.body, kind);
    assert.not.match(JSON.stringify([en, nl]), /[{}]{1}[a-z]/);
    assert.match(JSON.stringify(en), 'office-1');
    const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    const { en: englishWords, nl: dutchWords } = noticeTexts[kind];
    assert.equal(
      [...new Set(names(englishWords.subject + englishWords.body))],
      [...new Set(names(dutchWords.subject + dutchWords.body))],
      kind,
    );
  }
});

test('upcoming: every automatic transition to the end, if nothing else happens', () => {
  const { subject } = ending();
  assert.equal(
    upcomingTransitions(subject.header, subject.now).map(
      ({ kind, at: when, from, to }) => `${kind} ${when.slice(0, 10)} ${from} ${to}`,
    ),
    [
      'term-end 2027-06-01 active expired',
      'grace-end 2027-07-01 expired disabled',
      'retention-end 2027-09-29 disabled deleted',
    ],
  );
  assert.equal(upcomingTransitions(subject.header, at('2028-01-01')), []);
});

test.run();
