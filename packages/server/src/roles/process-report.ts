/**
 * Every role process answers on one NATS subject how it is doing, so that whichever process serves the API can show the
 * readiness and the metrics of all of them, on one machine or on many.
 *
 * @module
 */
import type { Broker } from '@perennial/broker';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import { z } from 'zod';
import type { Shared } from './shared.ts';

const subject = 'perennial.processes.report';
const gatherWaitMs = 400;
const processCountMax = 64;

const reportSchema = z.object({
  process: z.string(),
  parts: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })),
  /** What its clock shows. */
  now: z.string(),
  metrics: z.array(z.unknown()),
});

/** How one part of a process is doing; `state` is a role's state (`docs/operating.md`). */
export type PartStatus = { readonly name: string; readonly state: string; readonly detail: string };

/** What one process says of itself. */
export type ProcessReport = z.infer<typeof reportSchema>;

/** Answers whoever asks, until the connection closes. */
export function answerReports(shared: Shared, process: string, parts: () => readonly PartStatus[]): void {
  const { broker, clock, metrics } = shared;
  const subscription = broker.connection.subscribe(subject);
  void (async () => {
    for await (const message of subscription) {
      const metricsNow = await metrics.registry.getMetricsAsJSON();
      const report: ProcessReport = { process, parts: [...parts()], now: clock.now(), metrics: metricsNow };
      message.respond(JSON.stringify(report));
    }
  })();
}

/** Asks every process and waits a moment for the answers; a process that hangs is simply missing. */
export async function gatherReports(broker: Broker): Promise<readonly ProcessReport[]> {
  const answers = await broker.connection.requestMany(subject, undefined, {
    maxWait: gatherWaitMs,
    maxMessages: processCountMax,
  });
  const reports: ProcessReport[] = [];
  for await (const answer of answers) reports.push(reportSchema.parse(answer.json()));
  return reports.sort((a, b) => a.process.localeCompare(b.process));
}

/** The metrics of all processes as one Prometheus page. */
export async function renderMetrics(reports: readonly ProcessReport[]): Promise<string> {
  const merged: Registry = AggregatorRegistry.aggregate(
    // What getMetricsAsJSON wrote in another process: the type is lost on the way through JSON.
    reports.map((report) => report.metrics as MetricObjectWithValues<MetricValue<string>>[]),
  );
  return merged.metrics();
}
