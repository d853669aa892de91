import type { NoticeKind, NoticeLanguage } from '../notice/kinds.ts';
import type { Instant } from '../instant.ts';
import { dayText } from './remedies.ts';

/** A notice as it is sent: both parts are plain text. */
export type NoticeText = { readonly subject: string; readonly body: string };

type Words = Readonly<Record<NoticeLanguage, NoticeText>>;

/** What each notice says; `{subscription}`, `{plan}` and `{date}` are filled (`domain.md 1.10`, `domain.md 6.3`). */
export const noticeTexts: Readonly<Record<NoticeKind, Words>> = {
  term_ending: {
    en: {
      subject: 'Subscription {subscription} ends on {date}',
      body: 'Nothing will be charged to continue {plan}. Turn recurring billing on, or pay for another term, before {date}. After that the subscription expires.',
    },
    nl: {
      subject: 'Abonnement {subscription} eindigt op {date}',
      body: 'Er wordt niets afgeschreven om {plan} voort te zetten. Schakel vóór {date} terugkerende facturering in of betaal een volgende termijn. Daarna verloopt het abonnement.',
    },
  },
  trial_ending: {
    en: {
      subject: 'The trial of {plan} ends on {date}',
      body: 'Buy subscription {subscription} before {date} to keep using it. A trial that is not bought is erased after its grace period.',
    },
    nl: {
      subject: 'De proefversie van {plan} eindigt op {date}',
      body: 'Koop abonnement {subscription} vóór {date} om het te blijven gebruiken. Een proefversie die niet wordt gekocht, wordt na de respijtperiode gewist.',
    },
  },
  cancellation_ahead: {
    en: {
      subject: 'Subscription {subscription} will be cancelled on {date}',
      body: 'The cancellation was scheduled. Users lose access to {plan} on {date}. Undo the scheduled cancellation to go on.',
    },
    nl: {
      subject: 'Abonnement {subscription} wordt op {date} opgezegd',
      body: 'De opzegging is gepland. Gebruikers hebben vanaf {date} geen toegang meer tot {plan}. Maak de geplande opzegging ongedaan om door te gaan.',
    },
  },
  grace_ending: {
    en: {
      subject: 'Subscription {subscription} has expired and will be disabled on {date}',
      body: 'Users keep access to {plan} until {date}. Reactivate the subscription before then.',
    },
    nl: {
      subject: 'Abonnement {subscription} is verlopen en wordt op {date} uitgeschakeld',
      body: 'Gebruikers houden tot {date} toegang tot {plan}. Activeer het abonnement vóór die datum opnieuw.',
    },
  },
  retention_ending: {
    en: {
      subject: 'The data of subscription {subscription} will be deleted on {date}',
      body: 'Back up what you need of {plan}, or bring the subscription back, before {date}. What was deleted does not come back.',
    },
    nl: {
      subject: 'De gegevens van abonnement {subscription} worden op {date} verwijderd',
      body: 'Maak vóór {date} een back-up van wat u van {plan} nodig hebt, of neem het abonnement weer in gebruik. Wat is verwijderd, komt niet terug.',
    },
  },
  replaced_ending: {
    en: {
      subject: 'Subscription {subscription} was replaced, and people still have licences in it',
      body: 'It was reactivated as a new subscription and cannot be brought back itself. Move the licences of {plan} that are left in it before {date}: after that their holders lose what they still have there.',
    },
    nl: {
      subject: 'Abonnement {subscription} is vervangen, maar er zijn nog licenties aan toegewezen',
      body: 'Het is als nieuw abonnement voortgezet en kan zelf niet opnieuw worden geactiveerd. Verplaats vóór {date} de licenties van {plan} die er nog aan zijn toegewezen: daarna verliezen de houders wat zij daar nog hebben.',
    },
  },
  reactivation_unpaid: {
    en: {
      subject: 'The reactivation of {subscription} awaits payment until {date}',
      body: 'Users have access to {plan} in the meantime. Without the payment by {date} the reactivation is undone.',
    },
    nl: {
      subject: 'De heractivering van {subscription} wacht tot {date} op betaling',
      body: 'Gebruikers hebben intussen toegang tot {plan}. Zonder betaling uiterlijk {date} wordt de heractivering teruggedraaid.',
    },
  },
  first_payment_awaited: {
    en: {
      subject: 'Subscription {subscription} awaits its first payment until {date}',
      body: 'Without a payment by {date} the order of {plan} is given up.',
    },
    nl: {
      subject: 'Abonnement {subscription} wacht tot {date} op de eerste betaling',
      body: 'Zonder betaling uiterlijk {date} vervalt de bestelling van {plan}.',
    },
  },
  payment_overdue: {
    en: {
      subject: 'A payment for subscription {subscription} failed',
      body: 'Pay the balance or replace the payment method. Unpaid, {plan} is disabled on {date}.',
    },
    nl: {
      subject: 'Een betaling voor abonnement {subscription} is mislukt',
      body: 'Betaal het openstaande bedrag of vervang de betaalmethode. Zonder betaling wordt {plan} op {date} uitgeschakeld.',
    },
  },
  dispute_disabling: {
    en: {
      subject: 'Subscription {subscription} will be disabled on {date} because a payment is disputed',
      body: 'A payment for {plan} was disputed with the bank. Contact Support, or withdraw the dispute, before {date}.',
    },
    nl: {
      subject: 'Abonnement {subscription} wordt op {date} uitgeschakeld omdat een betaling wordt betwist',
      body: 'Een betaling voor {plan} is bij de bank betwist. Neem vóór {date} contact op met Ondersteuning of trek de betwisting in.',
    },
  },
  seat_conflict: {
    en: {
      subject: 'Subscription {subscription} has more licences assigned than bought',
      body: 'Unassign licences of {plan} or buy more before {date}. After that the excess is dealt with automatically.',
    },
    nl: {
      subject: 'Voor abonnement {subscription} zijn meer licenties toegewezen dan gekocht',
      body: 'Trek vóór {date} licenties van {plan} in of koop er meer. Daarna wordt het overschot automatisch verwerkt.',
    },
  },
  seat_change_ahead: {
    en: {
      subject: 'Subscription {subscription} will have fewer licences from {date} on',
      body: 'The reduction of {plan} was scheduled for the renewal. Unassign what is too many before {date}.',
    },
    nl: {
      subject: 'Abonnement {subscription} heeft vanaf {date} minder licenties',
      body: 'De vermindering van {plan} is gepland voor de verlenging. Trek vóór {date} in wat er te veel is.',
    },
  },
  plan_change_ahead: {
    en: {
      subject: 'Subscription {subscription} changes to another plan on {date}',
      body: 'The change from {plan} was scheduled for the renewal. Check before {date} which apps people will have.',
    },
    nl: {
      subject: 'Abonnement {subscription} gaat op {date} over naar een ander plan',
      body: 'De overstap van {plan} is gepland voor de verlenging. Controleer vóór {date} welke apps men zal hebben.',
    },
  },
  hold_ending: {
    en: {
      subject: 'The hold on subscription {subscription} ends on {date}',
      body: '{plan} continues on {date} as it was before, unless another hold remains.',
    },
    nl: {
      subject: 'De onderbreking van abonnement {subscription} eindigt op {date}',
      body: '{plan} gaat op {date} verder zoals voorheen, tenzij er nog een andere onderbreking is.',
    },
  },
  card_expiring: {
    en: {
      subject: 'The card that pays for subscription {subscription} expires on {date}',
      body: 'Update or replace the card so that {plan} can be renewed.',
    },
    nl: {
      subject: 'De kaart waarmee abonnement {subscription} wordt betaald, verloopt op {date}',
      body: 'Werk de kaart bij of vervang haar, zodat {plan} kan worden verlengd.',
    },
  },
  payment_failed: {
    en: {
      subject: 'A charge for subscription {subscription} was declined',
      body: 'Users keep access to {plan} for now. Pay the balance, or replace the payment method, before the charge is tried again.',
    },
    nl: {
      subject: 'Een afschrijving voor abonnement {subscription} is geweigerd',
      body: 'Gebruikers houden voorlopig toegang tot {plan}. Betaal het openstaande bedrag of vervang de betaalmethode voordat opnieuw wordt afgeschreven.',
    },
  },
  payment_action_required: {
    en: {
      subject: 'A payment for subscription {subscription} waits for you',
      body: 'The bank asks for a confirmation. Confirm the payment for {plan} with your payment provider.',
    },
    nl: {
      subject: 'Een betaling voor abonnement {subscription} wacht op u',
      body: 'De bank vraagt om een bevestiging. Bevestig de betaling voor {plan} bij uw betaalprovider.',
    },
  },
  payment_credited: {
    en: {
      subject: 'A payment for subscription {subscription} was received after it had ended',
      body: 'The payment does not bring {plan} back. It is kept as a credit: where the subscription can still be reactivated, that uses it; otherwise contact Support.',
    },
    nl: {
      subject: 'Er is een betaling voor abonnement {subscription} ontvangen nadat het was beëindigd',
      body: 'Door de betaling wordt {plan} niet hervat. Het bedrag blijft als tegoed staan: kan het abonnement nog opnieuw worden geactiveerd, dan wordt het daarvoor gebruikt; neem anders contact op met Ondersteuning.',
    },
  },
};

const locales: Readonly<Record<NoticeLanguage, string>> = { en: 'en-GB', nl: 'nl-NL' };

/** The language to write in: Dutch for a tag such as `nl-BE`, otherwise English (`domain.md 6.4`). */
export function languageOf(tag: string | undefined): NoticeLanguage {
  return tag?.toLowerCase().split('-', 1)[0] === 'nl' ? 'nl' : 'en';
}

/** The text of a notice; dates are those of the subscription's zone. */
export function noticeText(
  kind: NoticeKind,
  language: NoticeLanguage,
  about: { readonly subscription: string; readonly plan: string; readonly date: Instant | null; readonly zone: string },
): NoticeText {
  const date = about.date === null ? '' : dayText(about.date, locales[language], about.zone);
  const values: Readonly<Record<string, string>> = { subscription: about.subscription, plan: about.plan, date };
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const { subject, body } = noticeTexts[kind][language];
  return { subject: filled(subject), body: filled(body) };
}
