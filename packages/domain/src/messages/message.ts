import type { Remedy } from '../subscription/decision.ts';

/** A text in both languages. `{name|text}` is a placeholder with what to say when its value is not known. */
export type Text = { readonly en: string; readonly nl: string };

/** What a reason code means and the ways out of it, best first (`domain.md 6.4`: never an empty list). */
export type Message = { readonly meaning: Text; readonly remedies: readonly [RemedyText, ...RemedyText[]] };

/** A remedy before its placeholders are filled. */
export type RemedyText = { readonly kind: Remedy['kind']; readonly text: Text };

/** A remedy of a kind. */
export function remedy(kind: Remedy['kind'], en: string, nl: string): RemedyText {
  return { kind, text: { en, nl } };
}

/** What a code means, with its remedies; CONTACT_SUPPORT where there is none of its own. */
export function message(en: string, nl: string, ...remedies: readonly RemedyText[]): Message {
  const [first = contactSupport, ...rest] = remedies;
  return { meaning: { en, nl }, remedies: [first, ...rest] };
}

/** The remedy where nothing else fits (`domain.md 6.4`). */
export const contactSupport: RemedyText = remedy(
  'support',
  'Contact Support and give the id of the subscription.',
  'Neem contact op met Ondersteuning en vermeld de id van het abonnement.',
);

/** Shared by every code whose way out is to reactivate. */
export const reactivate: RemedyText = remedy(
  'self_service',
  'Reactivate the subscription first. Possible until {until|the end of the retention period}.',
  'Activeer het abonnement eerst opnieuw. Dat kan tot {until|het einde van de bewaartermijn}.',
);

/** Shared by every code whose way out is to buy. */
export const buyNew: RemedyText = remedy(
  'self_service',
  'Buy a new subscription. Data that was deleted does not come back.',
  'Koop een nieuw abonnement. Gegevens die zijn verwijderd, komen niet terug.',
);
