import { createHmac } from 'node:crypto';
import { headers, type NatsConnection } from 'nats';
import * as assert from 'uvu/assert';
import type { Answer, Json, Perennial } from '../../pipeline/perennial.ts';

const secret = 'whsec_scenarios';

/** What a customer's doors are made of. */
export type Doors = {
  readonly perennial: Perennial;
  readonly nats: NatsConnection;
  settle(): Promise<void>;
  now(): string;
};

/** Who asks, under which command id, about which of the customer's subscriptions. */
export type Asking = { readonly id?: string; readonly as?: string; readonly key?: string };

/** A payment fact as its billing system publishes it; what is left out is made up. */
export type Payment = {
  readonly object: string;
  readonly at?: string;
  readonly minor?: number;
  readonly ref?: string;
  readonly provider?: string;
  readonly providerEventId?: string;
  /** What the broker tells repetitions by, where that is not the event's id. */
  readonly messageId?: string;
  readonly [field: string]: unknown;
};

/** A valid card of the customer's country. */
export const card = { kind: 'card', token: 'tok_visa', country: 'NL', expires: '2090-12' } as const;

/** The plan that customers buy unless they say otherwise: apps for the desktop, and services. */
export const plan = 'O365_BUSINESS_PREMIUM';

/** A tenant and its subscriptions, through the outside doors only. */
export class Customer {
  readonly tenant: string;
  readonly #doors: Doors;
  #position = '0';

  constructor(tenant: string, doors: Doors) {
    this.tenant = tenant;
    this.#doors = doors;
  }

  /** Orders a subscription; it is pending. */
  async order(body: Json = {}, { id = 's' }: Asking = {}): Promise<Json> {
    const order = { subscriptionId: id, planId: plan, seats: 3, term: 'P1Y', ...body };
    return this.#accepted('create', await this.#doors.perennial.post(`/tenants/${this.tenant}/subscriptions`, order));
  }

  /** Orders a subscription and activates it. */
  async buy(body: Json = {}, asking: Asking = {}): Promise<Json> {
    await this.order(body, asking);
    return this.asks('activate', {}, asking);
  }

  /** A command that must be accepted. */
  async asks(command: string, body: Json = {}, asking: Asking = {}): Promise<Json> {
    return this.#accepted(command, await this.sends(command, body, asking));
  }

  /** A command that must be refused by the rules: all its reason codes, and the answer. */
  async isRefused(command: string, body: Json = {}, asking: Asking = {}): Promise<Json> {
    const answer = await this.sends(command, body, asking);
    assert.equal([answer.status, answer.body.code], [409, 'REFUSED'], `${command}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A command, however it is answered. */
  sends(command: string, body: Json = {}, { id = 's', as, key }: Asking = {}): Promise<Answer> {
    return this.#doors.perennial.post(`/tenants/${this.tenant}/subscriptions/${id}/commands/${command}`, body, {
      ...(as === undefined ? {} : { 'Perennial-Actor': 'user:somebody', 'Perennial-Roles': as }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    });
  }

  /** Licences for so many people: p1, p2, … */
  async licenses(count: number, asking: Asking = {}): Promise<void> {
    for (let number = 1; number <= count; number += 1)
      await this.asks('assign-license', { userId: `p${number}` }, asking);
  }

  /** A payment fact over NATS; everything that was sent is handled afterwards. */
  async pays(kind: string, { object, at = this.#doors.now(), minor = 3_000, ref, ...more }: Payment): Promise<void> {
    await this.publishes(kind, { object, at, minor, ...(ref === undefined ? {} : { ref }), ...more });
    await this.#doors.settle();
  }

  /** The same, without waiting until it is handled. */
  async publishes(kind: string, payment: Payment): Promise<void> {
    const {
      object,
      at = this.#doors.now(),
      minor = 3_000,
      ref = `${this.tenant}/s`,
      provider = 'bank',
      messageId,
      ...more
    } = payment;
    const own = `${this.tenant}_${object}`;
    const providerEventId = more.providerEventId ?? `evt_${kind}_${own}_${at}`;
    const event = {
      specversion: '1.0',
      id: `${provider}:${providerEventId}`,
      source: `/billing/${provider}`,
      type: `payment.${kind}`,
      data: {
        provider,
        providerEventId,
        providerObjectId: own,
        subscriptionRef: ref,
        amount: { minor, currency: 'EUR' },
        occurredAt: at,
        ...more,
      },
    };
    const h = headers();
    h.set('Nats-Msg-Id', messageId === undefined ? event.id : `${event.id} ${messageId}`);
    await this.#doors.nats
      .jetstream()
      .publish(`billing.payments.v1.${provider}`, JSON.stringify(event), { headers: h });
  }

  /** A signed Stripe webhook; it answers once the event is stored. */
  async stripeSends(event: Json): Promise<void> {
    const body = JSON.stringify(event);
    // Stripe signs with the real time, whatever the virtual clock says.
    const seconds = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    const answer = await this.#doors.perennial.post('/webhooks/stripe', body, {
      'stripe-signature': `t=${seconds},v1=${signature}`,
    });
    assert.is(answer.status, 200, JSON.stringify(answer.body));
  }

  /** The subscription as it is shown, now or as of other instants (`?at=…&knownAt=…`). */
  show(query = '', { id = 's' }: Asking = {}): Promise<Json> {
    return this.reads(`/tenants/${this.tenant}/subscriptions/${id}`, query);
  }

  /** Its timeline, oldest first. */
  async history({ id = 's' }: Asking = {}): Promise<Json[]> {
    return (await this.reads(`/tenants/${this.tenant}/subscriptions/${id}/history`)).events;
  }

  /** Type and instant of the events of these types. */
  async told(types: RegExp, asking: Asking = {}): Promise<string[]> {
    const events = await this.history(asking);
    return events.filter(({ type }) => types.test(type)).map(({ type, effectiveAt }) => `${type} ${effectiveAt}`);
  }

  /** Best access of a person to apps of each kind, on *My account*. */
  async access(user = 'p1'): Promise<{ desktop: string; service: string }> {
    const { apps } = await this.reads(`/tenants/${this.tenant}/users/${user}/apps`);
    const best = (kind: string): string =>
      ['full', 'reduced'].find((access) => apps.some((app: Json) => app.kind === kind && app.access === access)) ??
      'none';
    return { desktop: best('desktop'), service: best('service') };
  }

  /** The row of a command in the list of actions, for somebody with these roles. */
  async action(command: string, roles?: string, { id = 's' }: Asking = {}): Promise<Json> {
    const path = `${this.#doors.perennial.url}/v1/tenants/${this.tenant}/subscriptions/${id}/actions?minPosition=${this.#position}`;
    const actor = roles === undefined ? {} : { 'Perennial-Actor': 'user:somebody', 'Perennial-Roles': roles };
    const response = await fetch(path, { headers: actor });
    const { actions } = (await response.json()) as Json;
    return actions.find((row: Json) => row.command === command);
  }

  /** The customer's rows of the payment inbox. */
  async inbox(status: string): Promise<Json[]> {
    const { payments } = await this.reads('/payments/inbox', `?status=${status}`);
    return payments.filter((row: Json) => JSON.stringify(row).includes(`${this.tenant}_`));
  }

  /** Anything else that can be read, not older than the customer's last command. */
  async reads(path: string, query = ''): Promise<Json> {
    const isPast = query.includes('at=') || query.includes('knownAt=');
    const fresh = isPast ? '' : `${query === '' ? '?' : '&'}minPosition=${this.#position}`;
    const { status, body } = await this.#doors.perennial.get(`${path}${query}${fresh}`);
    assert.is(status, 200, `${path}${query}: ${JSON.stringify(body)}`);
    return body;
  }

  #accepted(command: string, { status, body }: Answer): Json {
    assert.is(status, 200, `${command} answered ${status}: ${JSON.stringify(body)}`);
    this.#position = body.position;
    return body;
  }
}
