/**
 * Scenarios of `domain.md` 7 on one time line: each says at which instant it goes on, and the clock of one Perennial moves
 * from one such instant to the next. So all of them have the dates that the document gives them.
 *
 * @module
 */
import { connect, type NatsConnection } from 'nats';
import * as assert from 'uvu/assert';
import { readEngineUrl, startPerennial, type Perennial } from '../../pipeline/perennial.ts';
import { Customer } from './customer.ts';

/** The Stripe secret of the play. */
export const webhookSecret = 'whsec_scenarios';

/** What happens, step by step: every `yield` names the instant at which it goes on. */
export type Story = (customer: Customer, stage: Stage) => AsyncGenerator<string, void>;

/** A row of the document, or one of our own. */
export type Scenario = { readonly name: string; readonly story: Story };

/** Where all of them are played. */
export type Stage = {
  readonly perennial: Perennial;
  readonly nats: NatsConnection;
  /** Another tenant of the same scenario. */
  customer(name: string): Customer;
  /** All that was sent is handled and can be read. */
  settle(): Promise<void>;
};

type Playing = { readonly scenario: Scenario; readonly story: AsyncGenerator<string, void>; next: string };

/** Plays scenarios; {@link Play.verdict} then tells how each went. */
export class Play {
  readonly #scenarios: readonly Scenario[];
  readonly #failures = new Map<string, unknown>();
  readonly #ended = new Set<string>();
  #now: string;
  #perennial: Perennial | undefined;
  #nats: NatsConnection | undefined;

  constructor(scenarios: readonly Scenario[], start: string) {
    this.#scenarios = scenarios;
    this.#now = start;
  }

  async perform(): Promise<void> {
    const env = { PERENNIAL_CLOCK: this.#now, STRIPE_WEBHOOK_SECRET: webhookSecret };
    this.#perennial = await startPerennial({ env });
    this.#nats = await connect({ servers: readEngineUrl(this.#perennial.dataDirectory, 'nats') });
    const playing: Playing[] = [];
    for (const [index, scenario] of this.#scenarios.entries()) {
      const stage = this.#stage(`t${index}`);
      const story = scenario.story(stage.customer('customer'), stage);
      await this.#goOn({ scenario, story, next: this.#now }, playing);
    }
    while (playing.length > 0) {
      playing.sort((a, b) => (a.next < b.next ? -1 : a.next > b.next ? 1 : 0));
      const [first] = playing.splice(0, 1);
      if (first === undefined) return;
      if (first.next > this.#now) await this.#moveClock(first.next);
      await this.#goOn(first, playing);
    }
  }

  /** Throws what went wrong in a scenario. */
  verdict({ name }: Scenario): void {
    if (this.#failures.has(name)) throw this.#failures.get(name);
    assert.ok(this.#ended.has(name), 'it was played to its end');
  }

  async close(): Promise<void> {
    await this.#nats?.close();
    await this.#perennial?.close();
  }

  /** One step of a scenario; it waits for its next instant with the others, unless it is over. */
  async #goOn(step: Playing, playing: Playing[]): Promise<void> {
    try {
      const { done, value } = await step.story.next();
      if (done) {
        this.#ended.add(step.scenario.name);
        return;
      }
      step.next = new Date(value.includes('T') ? value : `${value}T00:00Z`).toISOString();
      playing.push(step);
    } catch (error) {
      this.#failures.set(step.scenario.name, error);
    }
  }

  async #moveClock(to: string): Promise<void> {
    const answer = await this.#perennial?.post('/clock', { advanceTo: to });
    assert.is(answer?.status, 200, JSON.stringify(answer?.body));
    this.#now = to;
  }

  #stage(name: string): Stage {
    const { perennial, nats } = this.#engines();
    const settle = (): Promise<void> => this.#moveClock(this.#now);
    return {
      perennial,
      nats,
      settle,
      customer: (which) => new Customer(`${name}-${which}`, { perennial, nats, settle, now: () => this.#now }),
    };
  }

  #engines(): { readonly perennial: Perennial; readonly nats: NatsConnection } {
    if (this.#perennial === undefined || this.#nats === undefined) throw new Error('nothing is started yet');
    return { perennial: this.#perennial, nats: this.#nats };
  }
}
