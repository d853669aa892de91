/**
 * Where a chapter acts: it opens the doors, notes every step with its answer, and checks every claim.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { z } from '@hono/zod-openapi';
import type { commandAnswerSchema } from '../../http/schemas/commands.ts';
import type { inboxSchema } from '../../http/schemas/views.ts';
import { apiPath } from '../client.ts';
import type { BankEvent } from './bank-event.ts';
import type { Doors, Stored } from './doors.ts';
import { DemoMismatchError } from './mismatch.ts';
import type { Account, Check, ChapterReport, Products, Step } from './report.ts';
import type { StripeEvent } from './stripe-event.ts';

/** Answer of an accepted command. */
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;

/** A refusal by the rules (`contract.md`, HTTP). */
export type Refusal = {
  readonly code: string;
  readonly reasonCodes: readonly string[];
  readonly remedies: readonly { readonly kind: string; readonly text: { readonly en: string; readonly nl: string } }[];
};

/** A command for a subscription. */
export type DemoCommand = {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly roles?: string;
  readonly key?: string;
};

// A barrier waits for everything due; on a busy machine that takes its time.
const barrierTimeoutMs = 900_000;
const feedWaitMs = 30_000;
const pollMs = 50;

/** See the module's description. One per run; `beginChapter` empties the notes. */
export class Stage {
  readonly doors: Doors;
  /** Makes names of this run its own, so that a server can be used again. */
  readonly suffix: string;
  #now: string;
  #position = 0n;
  #steps: Step[] = [];
  #products: Products[] = [];
  #accounts: Account[] = [];
  #checks: Check[] = [];

  constructor(doors: Doors, suffix: string, now: string) {
    this.doors = doors;
    this.suffix = suffix;
    this.#now = now;
  }

  /** The server's clock as of its last answer. */
  get now(): string {
    return this.#now;
  }

  /** Forgets the notes of the chapter before. */
  beginChapter(): void {
    this.#steps = [];
    this.#products = [];
    this.#accounts = [];
    this.#checks = [];
  }

  /** The notes of this chapter. */
  notes(): Pick<ChapterReport, 'now' | 'steps' | 'products' | 'accounts' | 'checks'> {
    return {
      now: this.#now,
      steps: this.#steps,
      products: this.#products,
      accounts: this.#accounts,
      checks: this.#checks,
    };
  }

  /** A name of this run: `acme`, or `acme-1x2y3z` on a server that the demo did not start. */
  named(name: string): string {
    return `${name}${this.suffix}`;
  }

  /** Notes a step. */
  did(door: Step['door'], did: string, answer: Step['answer']): void {
    this.#steps.push({ door, did, answer });
  }

  /** Buys a subscription (`pending`). */
  async create(tenant: string, body: Readonly<Record<string, unknown>>): Promise<CommandAnswer> {
    const answer = await this.doors.api.send<CommandAnswer>('POST', apiPath('tenants', tenant, 'subscriptions'), {
      body,
    });
    return this.#accepted(`create ${tenant}/${answer.subscriptionId}, plan ${String(body['planId'])}`, answer);
  }

  /** Gives a command that the rules should accept. */
  async command(command: DemoCommand): Promise<CommandAnswer> {
    return this.#accepted(sentence(command), await this.#send<CommandAnswer>(command, []));
  }

  /** Gives a command that the rules should refuse. */
  async refusedCommand(command: DemoCommand): Promise<Refusal> {
    const answer = await this.#send<Refusal>(command, [409]);
    this.did('http', sentence(command), answer);
    this.check(`${command.name} is refused by the rules`, answer.code, 'REFUSED');
    return answer;
  }

  /** Publishes a bank's event over NATS. */
  async publish(event: BankEvent, messageId: string = event.id): Promise<Stored> {
    const stored = await this.doors.publish('bank', JSON.stringify(event), messageId);
    this.did('nats', `${event.type} ${event.id}, Nats-Msg-Id ${messageId}`, stored);
    return stored;
  }

  /** Sends an event to the Stripe webhook. */
  async stripe(event: StripeEvent, secret?: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.doors.stripe(event, secret);
    this.did(
      'stripe',
      `${event.type} ${event.id}${secret === undefined ? '' : ', signed with another secret'}`,
      answer,
    );
    return answer;
  }

  /** Moves the clock. A barrier: everything accepted before, and everything due, has happened when it answers. */
  async advance(to: { readonly advanceBy: string } | { readonly advanceTo: string }): Promise<void> {
    const answer = await this.doors.api.send<{ readonly now: string; readonly position: string }>(
      'POST',
      apiPath('clock'),
      { body: to, timeoutMs: barrierTimeoutMs },
    );
    this.#now = answer.now;
    this.#reached(answer.position);
    this.did('clock', 'advanceBy' in to ? `forward by ${to.advanceBy}` : `forward to ${to.advanceTo}`, answer);
  }

  /** A read that has seen everything this run did. */
  read<T extends object>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.doors.api.send<T>('GET', path, { query: { ...query, minPosition: String(this.#position) } });
  }

  /** *Your products*; shown in the report. */
  async products(tenant: string): Promise<Products> {
    const answer = await this.read<Omit<Products, 'tenant'>>(apiPath('tenants', tenant, 'subscriptions'));
    const products = { tenant, ...answer };
    this.#products.push(products);
    return products;
  }

  /** *My account* of a user; shown in the report. */
  async account(tenant: string, user: string): Promise<Account> {
    const answer = await this.read<Omit<Account, 'tenant' | 'user'>>(apiPath('tenants', tenant, 'users', user, 'apps'));
    const account = { tenant, user, ...answer };
    this.#accounts.push(account);
    return account;
  }

  /** The payment inbox. */
  inbox(status: string): Promise<z.infer<typeof inboxSchema>> {
    return this.read(apiPath('payments', 'inbox'), { status });
  }

  /** @throws DemoMismatchError when the claim does not hold */
  check(claim: string, actual: unknown, expected: unknown): void {
    const check = { claim, expected, actual, holds: isDeepStrictEqual(actual, expected) };
    this.#checks.push(check);
    if (!check.holds) throw new DemoMismatchError(check);
  }

  /** Checks what is told a moment later than it can be read, as the change feed is. */
  async checkSoon(claim: string, read: () => Promise<unknown>, expected: unknown): Promise<void> {
    const deadline = performance.now() + feedWaitMs;
    let actual = await read();
    while (!isDeepStrictEqual(actual, expected) && performance.now() < deadline) {
      await delay(pollMs);
      actual = await read();
    }
    this.check(claim, actual, expected);
  }

  #send<T extends object>(command: DemoCommand, accept: readonly number[]): Promise<T> {
    const path = apiPath('tenants', command.tenant, 'subscriptions', command.id, 'commands', command.name);
    return this.doors.api.send<T>('POST', path, {
      body: command.body ?? {},
      accept,
      headers: { 'idempotency-key': command.key, 'perennial-roles': command.roles },
    });
  }

  #accepted(did: string, answer: CommandAnswer): CommandAnswer {
    this.#reached(answer.position);
    this.did('http', did, answer);
    return answer;
  }

  #reached(position: string): void {
    const reached = BigInt(position);
    if (reached > this.#position) this.#position = reached;
  }
}

function sentence({ tenant, id, name, body, roles, key }: DemoCommand): string {
  const user = typeof body?.['userId'] === 'string' ? ` to ${body['userId']}` : '';
  const as = roles === undefined ? '' : `, as ${roles}`;
  return `${name}${user} on ${tenant}/${id}${as}${key === undefined ? '' : `, Idempotency-Key ${key}`}`;
}
