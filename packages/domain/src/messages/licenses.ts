import { message, reactivate, remedy } from './message.ts';

/** Codes about roles, seats and assignments (`domain.md 6.4`, `domain.md 1.7` to `1.9`). */
export const licenseMessages = {
  NOT_BILLING_ADMIN: message(
    'You are not a billing administrator.',
    'U bent geen factureringsbeheerder.',
    remedy(
      'upgrade_role',
      'Ask a global or billing administrator to do this, or to give you that role.',
      'Vraag een globale beheerder of factureringsbeheerder om dit te doen of om u die rol te geven.',
    ),
  ),
  NOT_LICENSE_ADMIN: message(
    'You are not a licence administrator.',
    'U bent geen licentiebeheerder.',
    remedy(
      'upgrade_role',
      'Ask a global, licence or user administrator to do this, or to give you that role.',
      'Vraag een globale beheerder, licentiebeheerder of gebruikersbeheerder om dit te doen of om u die rol te geven.',
    ),
  ),
  ROLE_MISSING: message(
    'Your role does not allow this.',
    'Uw rol staat dit niet toe.',
    remedy('upgrade_role', 'Ask a global administrator for the role.', 'Vraag een globale beheerder om de rol.'),
    remedy('support', 'Or ask Support to do it.', 'Of vraag Ondersteuning om het te doen.'),
  ),
  LICENSE_ASSIGNMENT_FROZEN: message(
    'Licences cannot be assigned in this state.',
    'In deze status kunnen geen licenties worden toegewezen.',
    reactivate,
  ),
  NO_FREE_SEAT: message(
    'All seats are assigned.',
    'Alle licenties zijn toegewezen.',
    remedy('self_service', 'Buy more seats, or unassign one.', 'Koop meer licenties of trek een toewijzing in.'),
  ),
  SERVICE_CONFLICT: message(
    'Two of the services exclude each other, or one needs another.',
    'Twee van de services sluiten elkaar uit of de ene heeft de andere nodig.',
    remedy(
      'self_service',
      'Review the apps of each licence of this user.',
      'Controleer de apps van elke licentie van deze gebruiker.',
    ),
  ),
  USAGE_LOCATION_PROHIBITED: message(
    'The services may not be used at the location of this user.',
    'De services mogen niet worden gebruikt op de locatie van deze gebruiker.',
    remedy('self_service', 'Set the usage location of the user.', 'Stel de gebruikslocatie van de gebruiker in.'),
  ),
  ALREADY_ASSIGNED: message(
    'The user has this licence already.',
    'De gebruiker heeft deze licentie al.',
    remedy('self_service', 'Nothing needs to be done.', 'U hoeft niets te doen.'),
  ),
  NOT_ASSIGNED: message(
    'The user has no such licence.',
    'De gebruiker heeft deze licentie niet.',
    remedy('self_service', 'Assign a licence to the user first.', 'Wijs de gebruiker eerst een licentie toe.'),
  ),
  SEATS_BELOW_ASSIGNED: message(
    'There would be fewer seats than are assigned.',
    'Er zouden minder licenties zijn dan er zijn toegewezen.',
    remedy(
      'self_service',
      'Unassign {n|the excess} licences first, or schedule the reduction for the renewal.',
      'Trek eerst {n|de overtollige} toewijzingen in of plan de vermindering bij de verlenging.',
    ),
  ),
  LAST_SEAT: message(
    'A subscription keeps one seat at least.',
    'Een abonnement houdt ten minste één licentie.',
    remedy(
      'self_service',
      'Remove fewer seats, or cancel the subscription.',
      'Verwijder minder licenties of zeg het abonnement op.',
    ),
  ),
  SEATS_EXCEED_OFFER_MAX: message(
    'The plan does not allow that many seats.',
    'Het abonnement staat niet zoveel licenties toe.',
    remedy(
      'self_service',
      'Order fewer seats, or change to a plan that allows more.',
      'Bestel minder licenties of stap over op een abonnement dat er meer toestaat.',
    ),
  ),
  SEAT_WINDOW_CLOSED: message(
    'Seats can be reduced only shortly after the start or a renewal.',
    'U kunt licenties alleen kort na de start of een verlenging verminderen.',
    remedy('self_service', 'Schedule the reduction for the renewal.', 'Plan de vermindering bij de verlenging.'),
  ),
  DEVICE_LIMIT_REACHED: message(
    'The apps are active on as many devices of this kind as the licence allows.',
    'De apps zijn al actief op het maximale aantal apparaten van dit soort.',
    remedy(
      'self_service',
      'Sign out on one of the {n|5} devices first.',
      'Meld u eerst af op een van de {n|5} apparaten.',
    ),
  ),
  WRONG_ACCOUNT: message(
    'You are signed in with another account than the one that has the licence.',
    'U bent aangemeld met een ander account dan het account met de licentie.',
    remedy(
      'self_service',
      'In the app choose File > Account > Switch account, and sign in with your work or school account.',
      'Kies in de app Bestand > Account > Ander account en meld u aan met uw werk- of schoolaccount.',
    ),
  ),
} as const;
