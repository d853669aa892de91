import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { NoticeReportRequest } from '@perennial/handlers';
import { sampleNotice } from '../../http/testing/fake-services.ts';
import { serveForCli, type ServedCli } from '../testing/console.ts';

const test = suite('notices on the command line');
const reports: NoticeReportRequest[] = [];
let cli: ServedCli;

test.before.each(async () => {
  reports.length = 0;
  cli = await serveForCli({
    notices: {
      report: async (request) => {
        reports.push(request);
        return { kind: 'recorded', status: request.report.outcome, position: 9n };
      },
    },
  });
});
test.after.each(() => cli.server.close());

test('notice list shows a table, or the data as JSON; of a tenant or of one subscription', async () => {
  const { code, out } = await cli.run(['notice', 'list', 'acme']);
  assert.is(code, 0);
  assert.match(out, sampleNotice.noticeId);
  for (const where of ['acme', 'acme/office-1']) {
    const listed = await cli.run(['notice', 'list', where, '--status', 'queued', '--json']);
    assert.equal((JSON.parse(listed.out) as { notices: unknown }).notices, [sampleNotice]);
  }
  assert.match((await cli.run(['notice', 'list', 'nobody'])).out, 'No notices');
});

test('notice sent and notice failed report, and a failure needs its code', async () => {
  const { noticeId } = sampleNotice;
  const sent = await cli.run(['notice', 'sent', 'acme/office-1', noticeId, '--reference', 'm-1']);
  assert.equal([sent.code, sent.out.trim()], [0, `${noticeId} is sent.`]);
  const failed = await cli.run(['notice', 'failed', 'acme/office-1', noticeId, '--failure', 'MAILBOX_FULL', '--final']);
  assert.is(failed.code, 0);
  assert.equal(
    reports.map(({ report }) => report),
    [
      { outcome: 'sent', reference: 'm-1' },
      { outcome: 'failed', failure: 'MAILBOX_FULL', final: true },
    ],
  );
  const without = await cli.run(['notice', 'failed', 'acme/office-1', noticeId]);
  assert.is(without.code, 1);
  assert.match(without.err, '--failure');
});

test('subscription upcoming lists what will happen by itself', async () => {
  const { code, out } = await cli.run(['subscription', 'upcoming', 'acme/office-1']);
  assert.is(code, 0);
  assert.match(out, /2028-06-01T00:00:00.000Z +term-end +active +expired/);
});

test.run();
