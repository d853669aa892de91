/**
 * Every role process answers on one NATS subject how it is doing, so that whichever process serves the API can show the
 * readiness and the metrics of all of them, on one machine or on many.
 *
 * @module
 */
import type { Broker } from '@perennial/broker';
import { RequestStrategy } from 'nats';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import { z } from 'zod';
import type { RoleName } from '../configuration/configuration.ts';
import type { Shared } from './shared.ts';

const subject = 'perennial.processes.report';
const gatherWaitMs = 1_000;
/** The answers are complete when none has come for this long. */
const gatherJitterMs = 100;
const processCountMax = 64;

const reportSchema = z.object({
  process: z.string(),
  parts: z.array(
    z.object({ name: z.string(), state: z.enum(['starting', 'running', 'failing', 'stopped']), detail: z.string() }),
  ),
  /** What its clock shows. */
  now: z.string(),
  metrics: z.array(z.unknown()),
});

/** How one part of a process is doing; `state` is a role's state (`docs/operating.md`). */
export type PartStatus = ProcessReport['parts'][number];

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
    strategy: RequestStrategy.JitterTimer,
    maxWait: gatherWaitMs,
    jitter: gatherJitterMs,
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

/** The parts of all processes; a role of this start for which nobody answers counts as stopped. */
export function partsOf(reports: readonly ProcessReport[], rolesOfStart: readonly RoleName[]): PartStatus[] {
  const found = reports.flatMap(({ parts }) => parts);
  const missing = rolesOfStart.filter((role) => role !== 'api' && !found.some(({ name }) => name === role));
  return [
    ...found,
    ...missing.map((name) => ({ name, state: 'stopped' as const, detail: 'no process answers for it' })),
  ];
}
