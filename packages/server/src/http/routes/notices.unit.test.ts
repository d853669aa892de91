import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { NoticeReportRequest } from '@perennial/handlers';
import { sampleNotice } from '../testing/fake-services.ts';
import { harness } from '../testing/harness.ts';

const test = suite('notices over HTTP');
const notice = `/v1/tenants/acme/subscriptions/office-1/notices/${sampleNotice.noticeId}`;

function reporting() {
  const reports: NoticeReportRequest[] = [];
  const { call } = harness({
    notices: {
      report: async (request) => {
        reports.push(request);
        if (request.noticeId !== sampleNotice.noticeId) return { kind: 'not-found' };
        return { kind: reports.length === 1 ? 'recorded' : 'repeated', status: 'sent', position: 48_130n };
      },
    },
  });
  return { reports, call };
}

test('a sender reports a notice as sent, and hears when it was known', async () => {
  const { reports, call } = reporting();
  const body = { reference: 'msg-1' };
  const first = await call('POST', `${notice}/sent`, { json: body });
  assert.equal(first.body, { noticeId: sampleNotice.noticeId, status: 'sent', recorded: true, position: '48130' });
  const again = await call('POST', `${notice}/sent`, { json: body });
  assert.is(again.body['recorded'], false);
  assert.equal(reports[0]?.report, { outcome: 'sent', reference: 'msg-1' });
});

test('a failure has a code, and may be final', async () => {
  const { reports, call } = reporting();
  assert.is((await call('POST', `${notice}/failed`, { json: { failure: 'MAILBOX_FULL', final: true } })).status, 200);
  assert.equal(reports[0]?.report, { outcome: 'failed', failure: 'MAILBOX_FULL', final: true });
  assert.is((await call('POST', `${notice}/failed`, { json: {} })).status, 400);
});

test('an address is no reference, an unknown notice is 404, and who sends must have a role', async () => {
  const { call } = reporting();
  assert.is((await call('POST', `${notice}/sent`, { json: { reference: 'alice@acme.example' } })).status, 400);
  assert.is((await call('POST', `${notice}x/sent`, { json: {} })).status, 404);
  const headers = { 'Perennial-Actor': 'user:alice', 'Perennial-Roles': 'license-admin' };
  assert.is((await call('POST', `${notice}/sent`, { json: {}, headers })).status, 403);
});

test.run();
