import { buyNew, contactSupport, message, reactivate, remedy } from './message.ts';

const buyTrial = remedy(
  'self_service',
  'Buy the subscription: convert the trial with a payment method, or order the plan.',
  'Koop het abonnement: zet de proefversie om met een betaalmethode of bestel het abonnement.',
);

/** Codes about where a subscription is in its life (`domain.md 6.4`). */
export const lifecycleMessages = {
  NOT_YET_ACTIVATED: message(
    'The subscription has not been activated yet.',
    'Het abonnement is nog niet geactiveerd.',
    remedy('self_service', 'Finish the activation first.', 'Rond eerst de activering af.'),
  ),
  ALREADY_ACTIVE: message(
    'The subscription is active: there is nothing to activate or reactivate.',
    'Het abonnement is actief: er valt niets te activeren of opnieuw te activeren.',
    remedy(
      'support',
      'Nothing needs to be done. If users have no access all the same, contact Support.',
      'U hoeft niets te doen. Neem contact op met Ondersteuning als gebruikers toch geen toegang hebben.',
    ),
  ),
  ALREADY_CANCELLED: message(
    'The subscription was cancelled before.',
    'Het abonnement is al opgezegd.',
    remedy(
      'self_service',
      'Nothing needs to be done. To undo the cancellation, reactivate before {until|the end of the retention period}.',
      'U hoeft niets te doen. Activeer het abonnement opnieuw vóór {until|het einde van de bewaartermijn} om de opzegging ongedaan te maken.',
    ),
  ),
  ALREADY_DELETED: message('The subscription was deleted.', 'Het abonnement is verwijderd.', buyNew),
  ALREADY_EXPIRED: message(
    'The term of the subscription is over.',
    'De looptijd van het abonnement is voorbij.',
    reactivate,
  ),
  ALREADY_DISABLED: message(
    'The subscription is disabled already.',
    'Het abonnement is al uitgeschakeld.',
    remedy(
      'self_service',
      'Nothing needs to be done. To use it again, reactivate before {until|the end of the retention period}.',
      'U hoeft niets te doen. Activeer het opnieuw vóór {until|het einde van de bewaartermijn} om het weer te gebruiken.',
    ),
  ),
  REACTIVATE_FIRST: message(
    'This is possible only while the subscription is active.',
    'Dit kan alleen als het abonnement actief is.',
    reactivate,
  ),
  REACTIVATION_IN_PROGRESS: message(
    'A reactivation is waiting for its payment.',
    'Er wacht een heractivering op de betaling.',
    remedy(
      'wait',
      'Wait until the payment is settled, at the latest {until|when the payment window ends}.',
      'Wacht tot de betaling is verwerkt, uiterlijk {until|tot het einde van de betalingstermijn}.',
    ),
    remedy('self_service', 'Or use another payment method.', 'Of gebruik een andere betaalmethode.'),
  ),
  REACTIVATION_NOT_IN_TERM: message(
    'The paid term is over, so reactivating would start and charge a new term.',
    'De betaalde looptijd is voorbij; opnieuw activeren start een nieuwe looptijd, die in rekening wordt gebracht.',
    remedy(
      'self_service',
      'Repeat without requireInTerm to accept a new term and its charge.',
      'Herhaal de opdracht zonder requireInTerm om een nieuwe looptijd en de kosten daarvan te aanvaarden.',
    ),
  ),
  NOTHING_SCHEDULED: message(
    'No cancellation is scheduled.',
    'Er is geen opzegging gepland.',
    remedy(
      'self_service',
      'Nothing needs to be undone. If the subscription has ended, reactivate it.',
      'Er hoeft niets ongedaan te worden gemaakt. Activeer het abonnement opnieuw als het is beëindigd.',
    ),
  ),
  ENDED_USE_REACTIVATE: message(
    'The cancellation has taken effect and cannot be undone.',
    'De opzegging is al ingegaan en kan niet meer ongedaan worden gemaakt.',
    reactivate,
  ),
  CANCEL_WINDOW_CLOSED: message(
    'The window for cancelling with a refund is over.',
    'De periode om met terugbetaling op te zeggen is voorbij.',
    remedy(
      'self_service',
      'Turn recurring billing off: the subscription then ends on {date|the last day of its term}.',
      'Schakel terugkerende facturering uit: het abonnement eindigt dan op {date|de laatste dag van de looptijd}.',
    ),
  ),
  CANCEL_SEAT_LIMIT: message(
    'The subscription has more seats than can be cancelled by self-service.',
    'Het abonnement heeft meer licenties dan u zelf kunt opzeggen.',
    remedy(
      'self_service',
      'Reduce the seats to {n|the limit} first.',
      'Verlaag het aantal licenties eerst tot {n|de limiet}.',
    ),
    remedy('support', 'Or ask Support to cancel it.', 'Of vraag Ondersteuning om het op te zeggen.'),
  ),
  DOMAIN_ATTACHED: message(
    'A custom domain is still attached.',
    'Er is nog een aangepast domein gekoppeld.',
    remedy(
      'self_service',
      'Remove the domain first, then cancel again.',
      'Verwijder eerst het domein en zeg daarna opnieuw op.',
    ),
  ),
  NOT_REACTIVATABLE_BY_CHANNEL: message(
    'The subscription was bought through a partner, a volume licence or a marketplace and is reactivated there.',
    'Het abonnement is gekocht via een partner, een volumelicentie of een marketplace en wordt daar opnieuw geactiveerd.',
    remedy(
      'partner',
      'Contact the partner who sold it, or place a renewal order. Do so before {until|the end of the retention period}.',
      'Neem contact op met de partner die het heeft verkocht of plaats een verlengingsorder. Doe dat vóór {until|het einde van de bewaartermijn}.',
    ),
  ),
  DISABLED_BY_PROVIDER: message(
    'The subscription was disabled for a payment dispute, fraud, or a breach of policy or law.',
    'Het abonnement is uitgeschakeld vanwege een betalingsgeschil, fraude of een overtreding van beleid of wet.',
    remedy(
      'support',
      'Contact Support before {until|the end of the retention period}; it cannot be lifted by self-service.',
      'Neem contact op met Ondersteuning vóór {until|het einde van de bewaartermijn}; u kunt dit niet zelf opheffen.',
    ),
  ),
  RETENTION_ELAPSED: message(
    'The retention period is over and the data is about to be deleted.',
    'De bewaartermijn is voorbij en de gegevens worden verwijderd.',
    buyNew,
  ),
  TRIAL_NOT_REACTIVATABLE: message(
    'A trial is not reactivated but bought.',
    'Een proefversie kunt u niet opnieuw activeren, wel kopen.',
    buyTrial,
  ),
  TRIAL_ALREADY_USED: message(
    'Your organisation has had a trial of this offer before.',
    'Uw organisatie heeft al een proefversie van deze aanbieding gehad.',
    buyTrial,
  ),
  TRIAL_EXTENSION_USED: message(
    'The trial has been extended before; that is possible once.',
    'De proefversie is al verlengd; dat kan één keer.',
    buyTrial,
  ),
  TRIAL_EXTENSION_TOO_EARLY: message(
    'A trial may be extended only in its last {n|15} days.',
    'Een proefversie kunt u alleen in de laatste {n|15} dagen verlengen.',
    remedy(
      'wait',
      'Try again on {date|the first of the last 15 days of the trial} or later.',
      'Probeer het opnieuw op of na {date|de eerste van de laatste 15 dagen van de proefversie}.',
    ),
  ),
  NOT_A_TRIAL: message(
    'The subscription is not a trial.',
    'Het abonnement is geen proefversie.',
    remedy(
      'self_service',
      'Nothing needs to be done: a bought subscription is renewed, not extended.',
      'U hoeft niets te doen: een gekocht abonnement wordt vernieuwd, niet verlengd als proefversie.',
    ),
  ),
  REACTIVATED_AS_NEW: message(
    'The subscription was reactivated already, as a new one.',
    'Het abonnement is al opnieuw geactiveerd, als nieuw abonnement.',
    remedy(
      'self_service',
      'Use the new subscription: its id is "reactivatedAs" of this one.',
      'Gebruik het nieuwe abonnement: de id staat bij dit abonnement onder "reactivatedAs".',
    ),
  ),
  MANAGED_BY_PROVIDER: message(
    'The plan and the seats of this subscription belong to the marketplace or partner that sold it.',
    'Het abonnement en de licenties worden beheerd door de marketplace of partner die het heeft verkocht.',
    remedy(
      'partner',
      'Change the plan or the seats where the subscription was bought; the change then arrives here.',
      'Wijzig het abonnement of de licenties waar het is gekocht; de wijziging komt dan hier aan.',
    ),
  ),
  SUSPENDED: message(
    'A pause or a suspension blocks this change.',
    'Een pauze of een opschorting blokkeert deze wijziging.',
    remedy(
      'self_service',
      'Resume the subscription first. A suspension by a partner is lifted by that partner.',
      'Hervat eerst het abonnement. Een opschorting door een partner wordt door die partner opgeheven.',
    ),
    remedy(
      'partner',
      'Contact your partner about a suspension.',
      'Neem bij een opschorting contact op met uw partner.',
    ),
  ),
  NOT_PAUSED: message(
    'There is no such pause or suspension.',
    'Er is geen dergelijke pauze of opschorting.',
    contactSupport,
  ),
  NOT_DELETABLE_YET: message(
    'A running subscription cannot be deleted.',
    'Een lopend abonnement kan niet worden verwijderd.',
    remedy(
      'self_service',
      'Cancel it first, or wait for the end of the term on {date|its last day}.',
      'Zeg het eerst op of wacht tot het einde van de looptijd op {date|de laatste dag}.',
    ),
  ),
  CONFIRMATION_REQUIRED: message(
    'Deleting removes all data at once and for ever.',
    'Verwijderen wist alle gegevens direct en voorgoed.',
    remedy(
      'self_service',
      'Repeat the command with "confirm" set to the id of the subscription.',
      'Herhaal de opdracht met de id van het abonnement in "confirm".',
    ),
  ),
} as const;
