import { chainItems, withHeaders, type SubscriptionState } from '@perennial/domain';
import { html, type Html } from './html.ts';

/** An event on the line. */
export type Mark = {
  readonly type: string;
  readonly revision: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
};

/** A stretch of valid time in one status, [from, to). */
export type Stretch = { readonly status: string; readonly from: string; readonly to: string };

const width = 960;
const left = 8;
const colours: Readonly<Record<string, string>> = {
  pending: '#9aa5b1',
  active: '#2f9e44',
  expired: '#e8a200',
  disabled: '#d9480f',
  cancelled: '#862e9c',
  reactivated: '#1971c2',
  deleted: '#495057',
};

/** In which status a subscription was when, by what is known at its last event; until `end`. */
export function stretchesOf({ header, timeline }: SubscriptionState, end: string): readonly Stretch[] {
  if (header === null) return [];
  const changes = [
    ...withHeaders(chainItems(timeline)).map(({ place, before }) => ({ until: place, status: before.status })),
    { until: end, status: header.status },
  ];
  const stretches: Stretch[] = [];
  let from = header.createdAt;
  for (const { until, status } of changes) {
    const previous = stretches.at(-1);
    if (until <= from) continue;
    if (previous?.status === status) stretches.splice(-1, 1, { ...previous, to: until });
    else stretches.push({ status, from, to: until });
    from = until;
  }
  return stretches;
}

/** The line drawn: statuses over valid time, and for each event when it held and when it became known. */
export function drawTimeline(stretches: readonly Stretch[], marks: readonly Mark[]): Html {
  const instants = [
    ...stretches.flatMap(({ from, to }) => [from, to]),
    ...marks.flatMap(({ effectiveAt, recordedAt }) => [effectiveAt, recordedAt]),
  ].sort();
  const scale = scaleOf(instants[0] ?? '', instants.at(-1) ?? '');
  return html`<svg viewBox="0 0 ${width} 104" role="img" aria-label="timeline">
    <text x="${left}" y="12">in force</text>
    ${stretches.map((stretch) => bar(stretch, scale))} ${marks.map((mark) => dot(mark, scale))}
    <text x="${left}" y="84">recorded</text>
    <text x="${left}" y="100">${(instants[0] ?? '').slice(0, 10)}</text>
    <text x="${width - left}" y="100" text-anchor="end">${(instants.at(-1) ?? '').slice(0, 10)}</text>
  </svg>`;
}

/** What the colours mean. */
export function legend(stretches: readonly Stretch[]): Html {
  const statuses = [...new Set(stretches.map(({ status }) => status))];
  return html`<p class="legend">
    ${statuses.map((status) => html`<span><i style="background:${colourOf(status)}"></i>${status}</span> `)}
  </p>`;
}

function bar({ status, from, to }: Stretch, scale: (instant: string) => number): Html {
  const x = scale(from);
  return html`<rect x="${x}" y="18" width="${round(Math.max(1, scale(to) - x))}" height="18" fill="${colourOf(status)}"
    ><title>${status}: ${from} to ${to}</title></rect
  >`;
}

function dot({ type, revision, effectiveAt, recordedAt }: Mark, scale: (instant: string) => number): Html {
  const [held, known] = [scale(effectiveAt), scale(recordedAt)];
  const title = html`<title>${revision} ${type}: effective ${effectiveAt}, recorded ${recordedAt}</title>`;
  return html`<g
    >${title}<line x1="${held}" y1="40" x2="${known}" y2="66" /><circle cx="${held}" cy="40" r="3" /><circle
      cx="${known}"
      cy="66"
      r="3"
      class="known"
  /></g>`;
}

function scaleOf(from: string, to: string): (instant: string) => number {
  const start = Date.parse(from);
  const span = Math.max(1, Date.parse(to) - start);
  return (instant) => round(left + ((Date.parse(instant) - start) / span) * (width - 2 * left));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function colourOf(status: string): string {
  return colours[status] ?? '#000';
}
