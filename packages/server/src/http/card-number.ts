import { ProblemError } from './problem.ts';

// Not touching a letter, digit or underscore; blanks or dashes between the digits (`contract.md`, Command bodies).
const candidate = /(?<![\p{L}\p{N}_])[2-6](?:[ -]*\d){12,18}(?![\p{L}\p{N}_])/gu;

/** Refuses a command body that holds a card number anywhere; the number itself is repeated nowhere (`contract.md`). */
export function refuseCardNumbers(body: unknown): void {
  if (!textsOf(body).some(holdsCardNumber)) return;
  throw new ProblemError(
    'CARD_NUMBER_REJECTED',
    "The body holds a card number. Send the payment provider's token instead; the number was neither stored nor logged.",
  );
}

// Bounded by the depth that parsing allows.
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => [key, ...textsOf(entry)]);
}

function holdsCardNumber(text: string): boolean {
  return (text.match(candidate) ?? []).some(passesLuhn);
}

function passesLuhn(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit : digit * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
