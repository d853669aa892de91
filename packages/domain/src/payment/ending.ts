import type { ProviderEnding } from './events.ts';
import type { PaymentFact } from './fact.ts';

/** The ending of a provider's subscription as a fact about that subscription: it stands where it happened (`domain.md 6.10` rule 7). */
export function endingAsFact({ endedAt, ...ending }: ProviderEnding): PaymentFact {
  return { kind: 'ended', ...ending, occurredAt: endedAt };
}
