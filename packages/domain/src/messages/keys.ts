import { contactSupport, message, remedy } from './message.ts';

const reseller = remedy(
  'partner',
  'Contact the seller of the key.',
  'Neem contact op met de verkoper van de productcode.',
);
const newKey = remedy(
  'self_service',
  'Use a new key that was not used before.',
  'Gebruik een nieuwe, ongebruikte productcode.',
);

/** Codes about product keys (`domain.md 2.2`). */
export const keyMessages = {
  KEY_WRONG_PRODUCT_FAMILY: message(
    'The key belongs to another product family.',
    'De productcode hoort bij een andere productfamilie.',
    remedy(
      'self_service',
      'Redeem a consumer key at the consumer setup page.',
      'Wissel een consumentencode in op de installatiepagina voor consumenten.',
    ),
  ),
  KEY_MALFORMED: message(
    'This is not a valid key.',
    'Dit is geen geldige productcode.',
    remedy(
      'self_service',
      'Check the 25 characters for a typing error: 0 and O, 5 and S, l and I look alike.',
      'Controleer de 25 tekens op een typefout: 0 en O, 5 en S, l en I lijken op elkaar.',
    ),
  ),
  KEY_NOT_FOUND: message(
    'The key is not known.',
    'De productcode is niet bekend.',
    remedy('self_service', 'Check that every character is right.', 'Controleer of elk teken klopt.'),
    reseller,
  ),
  KEY_ALREADY_ENTERED: message(
    'The key was entered in this order already.',
    'De productcode is al in deze bestelling ingevoerd.',
    remedy(
      'self_service',
      'Use another key; check those you have added.',
      'Gebruik een andere code; controleer de codes die u hebt toegevoegd.',
    ),
  ),
  KEY_EXPIRED: message('The key has expired.', 'De productcode is verlopen.', newKey),
  KEY_ALREADY_REDEEMED: message(
    'The key was redeemed before.',
    'De productcode is al ingewisseld.',
    remedy(
      'self_service',
      'Ask colleagues whether they redeemed it, or use a new key.',
      'Vraag collega’s of zij de code hebben ingewisseld of gebruik een nieuwe code.',
    ),
    reseller,
  ),
  KEY_SERVICE_UNAVAILABLE: message(
    'Keys cannot be processed at the moment.',
    'Productcodes kunnen op dit moment niet worden verwerkt.',
    remedy('wait', 'Wait a few minutes and try again.', 'Wacht een paar minuten en probeer het opnieuw.'),
    remedy('support', 'After 15 minutes, contact Support.', 'Neem na 15 minuten contact op met Ondersteuning.'),
  ),
  RATE_LIMITED: message(
    'Too many attempts.',
    'Te veel pogingen.',
    remedy('wait', 'Wait a few minutes and try again.', 'Wacht een paar minuten en probeer het opnieuw.'),
    remedy('support', 'After 15 minutes, contact Support.', 'Neem na 15 minuten contact op met Ondersteuning.'),
  ),
  KEY_SEATS_EXCEED_OFFER_MAX: message(
    'The key holds more seats than the offer allows.',
    'De productcode bevat meer licenties dan de aanbieding toestaat.',
    remedy(
      'self_service',
      'Remove the key and use a smaller one; the offer allows {n|fewer} seats.',
      'Verwijder de code en gebruik een kleinere; de aanbieding staat {n|minder} licenties toe.',
    ),
  ),
  KEY_PLAN_MISMATCH: message(
    'The key is for another plan.',
    'De productcode is voor een ander abonnement.',
    remedy('self_service', 'Use a key for the same plan.', 'Gebruik een productcode voor hetzelfde abonnement.'),
  ),
  KEY_BLOCKED: message(
    'The key was blocked by its issuer.',
    'De productcode is geblokkeerd door de uitgever.',
    reseller,
    contactSupport,
  ),
  KEY_NOT_ACTIVATED_BY_SELLER: message(
    'The key was not activated when it was sold.',
    'De productcode is bij de verkoop niet geactiveerd.',
    remedy('partner', 'Ask the seller to activate the card.', 'Vraag de verkoper om de kaart te activeren.'),
  ),
  EXTENSION_CAP_REACHED: message(
    'A prepaid subscription cannot be extended further ahead.',
    'Een vooraf betaald abonnement kan niet verder vooruit worden verlengd.',
    remedy(
      'wait',
      'Redeem the key after {date|the subscription has less than 5 years left}.',
      'Wissel de code in na {date|het moment waarop minder dan 5 jaar resteert}.',
    ),
  ),
} as const;
