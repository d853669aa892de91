import type { Instant } from '../instant.ts';
import type { Remedy } from '../subscription/decision.ts';
import type { Text } from './message.ts';
import { reasonMessages, type ReasonCode } from './reason-codes.ts';

/** What fills the placeholders of the texts. Instants are shown as dates in `zone` (default UTC). */
export type RemedyDetails = {
  /** Until when the remedies are possible, for instance the end of retention; also given beside the text. */
  readonly until?: Instant;
  readonly date?: Instant;
  readonly n?: number;
  /** A length of time, ready for people. */
  readonly period?: Text;
  /** Ready for people, with its currency. */
  readonly amount?: string;
  readonly link?: string;
  readonly zone?: string;
};

/**
 * The ways out of a set of codes, in the codes' order and each once: at least one for every code (`domain.md 6.4`).
 *
 * @example remediesFor(['NOT_BILLING_ADMIN'])[0]?.kind // 'upgrade_role'
 */
export function remediesFor(codes: readonly ReasonCode[], details: RemedyDetails = {}): Remedy[] {
  const remedies = new Map<string, Remedy>();
  for (const code of codes) {
    for (const { kind, text } of reasonMessages[code].remedies) {
      const filled = fillText(text, details);
      remedies.set(`${kind} ${filled.en}`, {
        kind,
        text: filled,
        ...(details.until === undefined ? {} : { until: details.until }),
        ...(details.link === undefined ? {} : { link: details.link }),
      });
    }
  }
  return [...remedies.values()];
}

/** What a code means, in both languages. */
export function meaningOf(code: ReasonCode, details: RemedyDetails = {}): Text {
  return fillText(reasonMessages[code].meaning, details);
}

function fillText(text: Text, details: RemedyDetails): Text {
  return { en: fill(text.en, details, 'en'), nl: fill(text.nl, details, 'nl') };
}

const locales = { en: 'en-GB', nl: 'nl-NL' } as const;

function fill(template: string, details: RemedyDetails, language: keyof typeof locales): string {
  const locale = locales[language];
  return template.replace(/\{(\w+)\|([^}]*)\}/g, (_, name: string, otherwise: string) => {
    switch (name) {
      case 'n':
        return details.n === undefined ? otherwise : details.n.toLocaleString(locale);
      case 'period':
        return details.period?.[language] ?? otherwise;
      case 'amount':
        return details.amount ?? otherwise;
      case 'date':
        return details.date === undefined ? otherwise : dayText(details.date, locale, details.zone);
      case 'until':
        return details.until === undefined ? otherwise : dayText(details.until, locale, details.zone);
      default:
        return otherwise;
    }
  });
}

/** Making a formatter costs a hundred times more than using it. */
const formatterCountMax = 100;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The date of an instant for people, for instance `29 September 2027`. */
export function dayText(at: Instant, locale: string, zone = 'UTC'): string {
  const key = `${locale} ${zone}`;
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: zone });
  if (formatters.size < formatterCountMax) formatters.set(key, formatter);
  return formatter.format(new Date(at));
}
