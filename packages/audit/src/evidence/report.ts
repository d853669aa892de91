import {
  eventDefinitions,
  evolve,
  initialSubscription,
  parseStream,
  type SubscriptionState,
  asSubscriptionEvent,
} from '@perennial/domain';
import { createEventRegistry, decodeEvent, type RawEvent, type RecordedEvent } from '@perennial/event-store';
import { html, type Html } from './html.ts';
import type { EvidenceManifest } from './manifest.ts';
import type { EvidenceScope } from './streams.ts';
import { drawTimeline, legend, stretchesOf, type Mark } from './timeline.ts';

/** The report of an archive, made while its events pass by. */
export type Report = {
  add(event: RawEvent): void;
  /** The whole page; call once, after the last event. */
  readonly html: (about: Omit<EvidenceManifest, 'files'>) => string;
};

/** Rows of events, and of subscriptions, that a report shows; the archive holds all of them. */
const eventCountMax = 5000;
const subscriptionCountMax = 1000;
const markCountMax = 400;

type Life = { readonly name: string; state: SubscriptionState; readonly marks: Mark[]; readonly undone: Set<string> };

const registry = createEventRegistry(eventDefinitions);

/** Starts a report about a subscription or a tenant. */
export function createReport(scope: EvidenceScope): Report {
  const lives = new Map<string, Life>();
  const rows: RecordedEvent[] = [];
  const unreadable: { readonly stream: string; readonly revision: number }[] = [];
  let eventCount = 0;
  return {
    add(raw) {
      eventCount += 1;
      const decoded = decodeEvent(raw, registry);
      if (decoded.kind === 'undecodable') {
        unreadable.push({ stream: raw.stream, revision: raw.revision });
        return;
      }
      if (rows.length < eventCountMax) rows.push(decoded.event);
      addToLife(lives, decoded.event);
    },
    html: (about) => page(scope, { about, lives: [...lives.values()], rows, eventCount, unreadable }),
  };
}

function addToLife(lives: Map<string, Life>, event: RecordedEvent): void {
  const named = parseStream(event.stream);
  if (named?.kind !== 'subscription') return;
  const name = `${named.tenant}/${named.subscriptionId}`;
  const life = lives.get(name) ?? { name, state: initialSubscription, marks: [], undone: new Set<string>() };
  if (!lives.has(name) && lives.size >= subscriptionCountMax) return;
  lives.set(name, life);
  life.state = evolve(life.state, asSubscriptionEvent(event));
  const { effectiveAt, recordedAt } = event.metadata;
  if (life.marks.length < markCountMax) {
    life.marks.push({ type: event.type, revision: event.revision, effectiveAt, recordedAt });
  }
  for (const id of reversedBy(event)) life.undone.add(id);
}

function reversedBy({ data }: RecordedEvent): readonly string[] {
  const reverses = typeof data === 'object' && data !== null && 'reverses' in data ? data.reverses : [];
  return Array.isArray(reverses) ? reverses.filter((id) => typeof id === 'string') : [];
}

type Content = {
  readonly about: Omit<EvidenceManifest, 'files'>;
  readonly lives: readonly Life[];
  readonly rows: readonly RecordedEvent[];
  readonly eventCount: number;
  readonly unreadable: readonly { readonly stream: string; readonly revision: number }[];
};

function page({ tenant, subscriptionId }: EvidenceScope, content: Content): string {
  const { about, lives, rows, eventCount, unreadable } = content;
  const title = subscriptionId === undefined ? `Tenant ${tenant}` : `Subscription ${tenant}/${subscriptionId}`;
  const undone = new Set(lives.flatMap((life) => [...life.undone]));
  const ordered = rows.toSorted(byRecording);
  const rest = eventCount - rows.length - unreadable.length;
  const body = html`<h1>${title}</h1>
    <p>Evidence taken at ${about.createdAt} from log <code>${about.logId}</code>, up to position ${about.position}.</p>
    ${lives.map((life) => section(life, about.createdAt))}
    <h2>Events</h2>
    <p>In the order in which they were recorded. What was undone later is struck out; it stays in the log.</p>
    <table>
      <thead>
        <tr>
          <th>recorded</th>
          <th>effective</th>
          <th>stream</th>
          <th>#</th>
          <th>event</th>
          <th>by</th>
          <th>because of</th>
          <th>data</th>
          <th>hash</th>
        </tr>
      </thead>
      <tbody>
        ${ordered.map((event) => row(event, undone))}
      </tbody>
    </table>
    ${rest > 0 ? html`<p>${rest} more events are in the folder events.</p>` : html``}
    ${unreadable.length > 0 ? html`<p>${unreadable.length} events could not be read by this version; they are in the folder events, unchanged.</p>` : html``}
    <h2>Proof</h2>
    <p>
      Root over the whole log: <code>${about.root.root}</code>, ${about.root.eventCount} events in
      ${about.root.streamCount} streams. ${about.publishedRoots.length} earlier roots are proved as well. Signing key
      <code>${about.keyFingerprint}</code>.
    </p>
    <p>
      Run <code>node verify.mjs</code> in the folder of the unpacked archive; README.txt says what that proves and what
      it does not.
    </p>`;
  return document(title, body);
}

function section({ name, state, marks }: Life, end: string): Html {
  const stretches = stretchesOf(state, end);
  const { header } = state;
  const facts =
    header === null ? html`` : html`<p>Plan ${header.planId}, ${header.seatsPurchased} seats, ${header.status}.</p>`;
  return html`<h2>${name}</h2>
    ${facts}${drawTimeline(stretches, marks)}${legend(stretches)}`;
}

function row(event: RecordedEvent, undone: ReadonlySet<string>): Html {
  const { effectiveAt, recordedAt, actor, commandId, hash, reason } = event.metadata;
  const state = undone.has(event.id) ? 'undone' : '';
  const by = `${actor.type} ${actor.id}`;
  const why = reason === undefined ? commandId : `${commandId} (with a reason, encrypted)`;
  return html`<tr class="${state}">
    <td>${recordedAt}</td>
    <td>${effectiveAt}</td>
    <td>${event.stream}</td>
    <td>${event.revision}</td>
    <td>${event.type}</td>
    <td>${by}</td>
    <td>${why}</td>
    <td><code>${JSON.stringify(event.data)}</code></td>
    <td><code>${hash.slice(0, 12)}</code></td>
  </tr>`;
}

function byRecording(a: RecordedEvent, b: RecordedEvent): number {
  return a.position < b.position ? -1 : a.position > b.position ? 1 : 0;
}

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1b1f24}
svg{width:100%;height:auto;font-size:11px}circle{fill:#1b1f24}circle.known{fill:#fff;stroke:#1b1f24}line{stroke:#9aa5b1}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{text-align:left;vertical-align:top;border-bottom:1px solid #d5dae0;padding:.3rem .4rem;overflow-wrap:anywhere}
tr.undone td{text-decoration:line-through;color:#69737e}.legend i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .8em}code{font-size:.92em}
@media print{body{margin:0}}`;

function document(title: string, body: Html): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `;
  return page.html;
}
