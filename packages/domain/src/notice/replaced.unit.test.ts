import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Subject } from '../subscription/testing/subject.ts';
import { noticesAhead } from './noticed-deadlines.ts';
import { Noticed } from './testing/noticed.ts';

const test = suite('notices about a subscription that was replaced (domain.md 1.4, MCA)');
const paymentMethod = { kind: 'card', token: 'tok_1', country: 'NL' } as const;

/** Expired on 2027-06-01 to 2027-07-01, asked to be reactivated on 2027-06-18: the notice of fourteen days is queued. */
function replaced(people: readonly string[] = []): { readonly subject: Subject; readonly noticed: Noticed } {
  const subject = Subject.active({ recurringBilling: false, profile: 'direct-mca-2024' }, '2026-06-01');
  for (const personId of people) subject.accept('assign-license', { personId });
  const noticed = new Noticed(subject);
  noticed.at('2027-06-18');
  assert.equal(noticed.ids('queued'), ['grace-end-20270701T000000000Z-P14D']);
  subject.accept('reactivate', { paymentMethod });
  assert.ok(subject.header.successor !== null);
  return { subject, noticed };
}

test('nobody is told any more that it will be disabled, or its data deleted', () => {
  const { subject, noticed } = replaced();
  assert.equal(noticed.review(), ['NoticeWithdrawn grace-end-20270701T000000000Z-P14D 2027-06-18T00:00']);
  subject.settleSuccessor();
  const before = noticed.log.length;
  for (const day of ['2027-06-25', '2027-07-02', '2027-09-01', '2027-09-28', '2027-12-01']) noticed.at(day);
  assert.is(subject.header.status, 'deleted', 'it ran down its line');
  assert.equal(noticed.log.slice(before), []);
  assert.equal(noticesAhead(subject.header), []);
});

test('who looks late writes the same as who looked at once', () => {
  const inTime = replaced();
  for (const day of ['2027-06-18', '2027-07-02', '2027-12-01']) inTime.noticed.at(day);
  const late = replaced();
  late.noticed.at('2027-12-01');
  assert.equal(late.noticed.log, inTime.noticed.log);
});

test('while people still have licences in it, that is said, and not that it can be brought back', () => {
  const { subject, noticed } = replaced(['ann']);
  subject.settleSuccessor();
  assert.equal(noticed.review(), [
    'NoticeWithdrawn grace-end-20270701T000000000Z-P14D 2027-06-18T00:00',
    'NoticeQueued replaced-grace-end-20270701T000000000Z-P14D 2027-06-18T00:00',
  ]);
  const [told] = noticed.shown().filter(({ status }) => status === 'queued');
  assert.is(told?.kind, 'replaced_ending');
  assert.ok(told?.recipients.includes('license-admin'));
  assert.match(told?.text.body ?? '', 'cannot be brought back');
  const warned = noticed.at('2027-09-26').filter((line) => line.startsWith('RetentionWarningIssued'));
  assert.is(warned.length, 4, 'services that keep data are warned: there are people whose data they are');
  subject.accept('unassign-license', { personId: 'ann' });
  noticed.review();
  assert.equal(noticed.ids('queued'), [], 'nobody is left to be warned');
  assert.equal(noticesAhead(subject.header), []);
});

test('when no successor could be made, it is told of its deadlines again', () => {
  const { subject, noticed } = replaced();
  noticed.review();
  subject.settleSuccessor(['OFFER_END_OF_SALE']);
  assert.equal(noticed.review(), ['NoticeQueued grace-end-20270701T000000000Z-P14D 2027-06-18T00:00']);
  noticed.at('2027-06-24');
  assert.equal(noticed.ids('queued'), ['grace-end-20270701T000000000Z-P7D']);
});

test('what was sent before the reactivation stays sent', () => {
  const { subject, noticed } = replaced();
  noticed.report('grace-end-20270701T000000000Z-P14D', { outcome: 'sent' });
  subject.settleSuccessor();
  assert.equal(noticed.review(), []);
  assert.equal(noticed.ids('sent'), ['grace-end-20270701T000000000Z-P14D']);
});

test.run();
