/**
 * Prometheus metrics of one role process.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const prefix = 'perennial_';
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Where the parts of a process count. Metrics come into being when they are first used. */
export type ProcessMetrics = {
  readonly registry: Registry;
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
};

/** Metrics labelled with the process they come from, so that several processes can be shown on one page. */
export function createMetrics(processName: string): ProcessMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry, prefix });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  const definition = (name: string, labels: Readonly<Record<string, string>>) => ({
    name: prefix + name,
    help: `${name.replaceAll('_', ' ')} (docs/operating.md)`,
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  return {
    registry,
    count(name, labels = {}, by = 1) {
      found(counters, name, () => new Counter(definition(name, labels))).inc({ ...labels }, by);
    },
    observe(name, seconds, labels = {}) {
      const create = (): Histogram => new Histogram({ ...definition(name, labels), buckets: secondsBuckets });
      found(histograms, name, create).observe({ ...labels }, seconds);
    },
    gauge(name, value, labels = {}) {
      found(gauges, name, () => new Gauge(definition(name, labels))).set({ ...labels }, value);
    },
  };
}

function found<T>(known: Map<string, T>, name: string, create: () => T): T {
  const existing = known.get(name);
  if (existing !== undefined) return existing;
  const created = create();
  known.set(name, created);
  return created;
}
