import { message, remedy } from './message.ts';

/** Codes about the request itself (`domain.md 6.4`). */
export const requestMessages = {
  NOT_FOUND: message(
    'There is no such subscription.',
    'Dit abonnement bestaat niet.',
    remedy(
      'self_service',
      'Check the id. Payments for it wait in the payment inbox.',
      'Controleer de id. Betalingen ervoor staan in de inbox voor betalingen.',
    ),
  ),
  PROFILE_UNKNOWN: message(
    'There is no policy profile of this name, or not in this version.',
    'Er is geen beleidsprofiel met deze naam, of niet in deze versie.',
    remedy(
      'self_service',
      'Leave "profile" out for the default, or name one of those in docs/policy-profiles.md, for instance "direct-mca-2024".',
      'Laat "profile" weg voor de standaard of noem er een uit docs/policy-profiles.md, bijvoorbeeld "direct-mca-2024".',
    ),
  ),
  VERSION_CONFLICT: message(
    'The subscription has changed since you read it.',
    'Het abonnement is gewijzigd nadat u het hebt gelezen.',
    remedy('self_service', 'Read it again and repeat the command.', 'Lees het opnieuw en herhaal de opdracht.'),
  ),
  COMMAND_ID_REUSED: message(
    'This command id was used before with another content.',
    'Deze opdracht-id is eerder met een andere inhoud gebruikt.',
    remedy(
      'self_service',
      'Send the command with a new Idempotency-Key.',
      'Stuur de opdracht met een nieuwe Idempotency-Key.',
    ),
  ),
} as const;
