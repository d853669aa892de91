import { endOfMonth } from '../calendar/index.ts';
import type { ReasonCode } from '../messages/index.ts';
import type { PaymentMethod } from './header.ts';
import type { Situation } from './situation.ts';

/** What speaks against paying with a method: expired, of another country, added by somebody else (`domain.md 1.6`). */
export function paymentMethodRefusals({ header, at, caller }: Situation, method: PaymentMethod): readonly ReasonCode[] {
  const codes: ReasonCode[] = [];
  const country = caller?.tenant?.country;
  if (country !== undefined && method.country !== country) codes.push('PAYMENT_METHOD_COUNTRY_MISMATCH');
  if (method.expires !== undefined && endOfMonth(method.expires, header.zone) <= at)
    codes.push('PAYMENT_METHOD_EXPIRED');
  if (method.owner !== undefined && caller?.actorId !== undefined && method.owner !== caller.actorId) {
    codes.push('PAYMENT_METHOD_NOT_OWNED');
  }
  return codes;
}
