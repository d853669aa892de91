import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMetrics } from './metrics.ts';
import { partsOf, renderMetrics, type ProcessReport } from './process-report.ts';

const test = suite('process reports');

async function report(process: string, ...parts: readonly string[]): Promise<ProcessReport> {
  const metrics = createMetrics(process);
  metrics.count('payments_handled_total', { outcome: 'APPLIED' }, 2);
  metrics.observe('payment_seconds', 0.004);
  metrics.gauge('intake_in_flight', 3);
  return {
    process,
    now: '2027-01-01T00:00:00.000Z',
    parts: parts.map((name) => ({ name, state: 'running', detail: 'running' })),
    metrics: await metrics.registry.getMetricsAsJSON(),
  };
}

test('a role for which no process answers counts as stopped; the API speaks for itself', async () => {
  const parts = partsOf([await report('owner', 'relay', 'projections')], ['intake', 'relay', 'projections', 'api']);
  assert.equal(
    parts.map(({ name, state }) => [name, state]),
    [
      ['relay', 'running'],
      ['projections', 'running'],
      ['intake', 'stopped'],
    ],
  );
});

test('metrics of several processes stand on one page, each under its own name', async () => {
  const page = await renderMetrics([await report('intake', 'intake'), await report('owner', 'relay')]);
  for (const process of ['intake', 'owner']) {
    assert.match(page, new RegExp(`perennial_payments_handled_total\\{[^}]*process="${process}"[^}]*\\} 2`));
    assert.match(page, new RegExp(`perennial_payment_seconds_count\\{[^}]*process="${process}"[^}]*\\} 1`));
  }
});

test.run();
