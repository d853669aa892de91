import { message, remedy } from './message.ts';

/**
 * Codes about offers and payment (`domain.md 6.4`, `domain.md 1.6`). `PAYMENT_METHOD_IN_USE` is not among them: it refuses
 * to remove a method, and no command does that, as a method is only ever replaced.
 */
export const paymentMessages = {
  OFFER_END_OF_SALE: message(
    'The offer is no longer sold.',
    'De aanbieding wordt niet meer verkocht.',
    remedy('self_service', 'Choose another offer.', 'Kies een andere aanbieding.'),
  ),
  OFFER_UNAVAILABLE: message(
    'The offer is not available to your organisation.',
    'De aanbieding is niet beschikbaar voor uw organisatie.',
    remedy('partner', 'Ask your partner for a suitable offer.', 'Vraag uw partner om een passende aanbieding.'),
    remedy('support', 'Or contact Support.', 'Of neem contact op met Ondersteuning.'),
  ),
  REGION_NOT_ALLOWED: message(
    'The offer is not available in your country or region.',
    'De aanbieding is niet beschikbaar in uw land of regio.',
    remedy(
      'self_service',
      'Choose an offer of your own country or region.',
      'Kies een aanbieding van uw eigen land of regio.',
    ),
    remedy('partner', 'Or ask a partner there.', 'Of vraag het een partner daar.'),
  ),
  CREDIT_CHECK_PENDING: message(
    'The credit check is not finished.',
    'De kredietcontrole is nog niet afgerond.',
    remedy(
      'wait',
      'Wait: it usually takes {period|two working days}.',
      'Wacht even: dit duurt meestal {period|twee werkdagen}.',
    ),
  ),
  PAYMENT_METHOD_REQUIRED: message(
    'No payment details were given.',
    'Er zijn geen betalingsgegevens opgegeven.',
    remedy('self_service', 'Enter payment details.', 'Voer betalingsgegevens in.'),
  ),
  SECURITY_CODE_REQUIRED: message(
    'The security code of the card was not confirmed.',
    'De beveiligingscode van de kaart is niet bevestigd.',
    remedy(
      'self_service',
      'Enter the security code again with every change of the card.',
      'Voer de beveiligingscode bij elke wijziging van de kaart opnieuw in.',
    ),
  ),
  PAYMENT_METHOD_COUNTRY_MISMATCH: message(
    'The payment method comes from another country or region than your organisation.',
    'De betaalmethode komt uit een ander land of een andere regio dan uw organisatie.',
    remedy(
      'self_service',
      'Use a payment method from the country of your organisation.',
      'Gebruik een betaalmethode uit het land van uw organisatie.',
    ),
  ),
  PAYMENT_METHOD_EXPIRED: message(
    'The card has expired.',
    'De kaart is verlopen.',
    remedy(
      'self_service',
      'Update the expiry date (the security code is asked for again), or use another payment method.',
      'Werk de vervaldatum bij (de beveiligingscode wordt opnieuw gevraagd) of gebruik een andere betaalmethode.',
    ),
  ),
  PAYMENT_METHOD_DECLINED: message(
    'The payment was declined.',
    'De betaling is geweigerd.',
    remedy(
      'self_service',
      'Ask your bank, or use another payment method.',
      'Vraag het uw bank of gebruik een andere betaalmethode.',
    ),
  ),
  PAYMENT_METHOD_NOT_OWNED: message(
    'The payment method was added by someone else.',
    'De betaalmethode is door iemand anders toegevoegd.',
    remedy('self_service', 'Replace it by one of your own.', 'Vervang deze door een eigen betaalmethode.'),
  ),
  OUTSTANDING_BALANCE: message(
    'A balance is open.',
    'Er staat nog een bedrag open.',
    remedy(
      'self_service',
      'Pay the balance first: {amount|see the open invoices}.',
      'Betaal eerst het openstaande bedrag: {amount|zie de openstaande facturen}.',
    ),
  ),
  PAYMENT_NOT_FOUND: message(
    'There is no such payment among those that wait.',
    'Deze betaling staat niet tussen de wachtende betalingen.',
    remedy(
      'self_service',
      'Look it up in the payment inbox and name it by the id of its event, or by provider and object.',
      'Zoek de betaling op in de inbox en noem de id van de gebeurtenis, of de provider en het object.',
    ),
  ),
  PAYMENT_ALREADY_MATCHED: message(
    'The payment belongs to another subscription already.',
    'De betaling hoort al bij een ander abonnement.',
    remedy(
      'support',
      'Look the payment up in the inbox; if it was matched wrongly, contact Support.',
      'Zoek de betaling op in de inbox; neem contact op met Ondersteuning als ze verkeerd is gekoppeld.',
    ),
  ),
  RECURRING_BILLING_OFF: message(
    'This needs recurring billing.',
    'Hiervoor is terugkerende facturering nodig.',
    remedy('self_service', 'Turn recurring billing on first.', 'Schakel eerst terugkerende facturering in.'),
  ),
  PREPAID_SEATS_ONLY_AT_RENEWAL: message(
    'Seats paid with a product key can be removed only at renewal.',
    'Licenties die met een productcode zijn betaald, kunt u alleen bij verlenging verminderen.',
    remedy(
      'self_service',
      'Renew with a product key for fewer seats, after unassigning licences.',
      'Verleng met een productcode voor minder licenties nadat u toewijzingen hebt ingetrokken.',
    ),
  ),
  PREPAID_NEEDS_KEY_OR_CARD: message(
    'The prepaid term is over.',
    'De vooraf betaalde looptijd is voorbij.',
    remedy('self_service', 'Enter a new product key, or a card.', 'Voer een nieuwe productcode of een kaart in.'),
  ),
} as const;
