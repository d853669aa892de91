import { findCardNumber } from '@perennial/domain';
import { ProblemError } from './problem.ts';

/** Refuses a command body that holds a card number anywhere; the number itself is repeated nowhere (`contract.md`). */
export function refuseCardNumbers(body: unknown): void {
  if (findCardNumber(body) === undefined) return;
  throw new ProblemError(
    'CARD_NUMBER_REJECTED',
    "The body holds a card number. Send the payment provider's token instead; the number was neither stored nor logged.",
  );
}
