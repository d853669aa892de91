import type { Because } from '../history/because.ts';
import type { Why, WhyStep } from './why.ts';
import { deadlineWords, statusWords, type Sentence } from './words.ts';

/** Names that only the caller knows. */
export type WhyNames = {
  /** The user id of a person; undefined when erased. */
  readonly nameOf: (personId: string) => string | undefined;
};

/** The answer in words: what it was, then why, step by step. */
export function whySentences(why: Why, names: WhyNames): readonly Sentence[] {
  return [summary(why, names), ...why.chain.map((step) => sentenceOf(step, why, names))];
}

function summary({ access, app, when, subscriptionId, personId }: Why, { nameOf }: WhyNames): Sentence {
  const who = nameOf(personId);
  const name = app.name ?? app.appId;
  const [en, nl] = [who ?? 'an erased person', who ?? 'een gewiste persoon'];
  const known = when.knownAt;
  const inKnown: Sentence = {
    en: known === undefined ? '' : `, as known on ${known}`,
    nl: known === undefined ? '' : `, voor zover op ${known} bekend`,
  };
  const through = access === 'none' || subscriptionId === null ? '' : ` (${subscriptionId})`;
  const had = {
    full: { en: `had full access to ${name}`, nl: `volledige toegang tot ${name}` },
    reduced: { en: `could only open and print in ${name}`, nl: `in ${name} alleen openen en afdrukken` },
    none: { en: `had no access to ${name}`, nl: `geen toegang tot ${name}` },
  }[access];
  const verb = access === 'reduced' ? 'kon' : 'had';
  return {
    en: `On ${when.at}${inKnown.en}, ${en} ${had.en}${through}.`,
    nl: `Op ${when.at}${inKnown.nl} ${verb} ${nl} ${had.nl}${through}.`,
  };
}

function sentenceOf(step: WhyStep, why: Why, names: WhyNames): Sentence {
  const app = why.app.name ?? why.app.appId;
  switch (step.kind) {
    case 'assigned': {
      const by = actorWords(step.event.actor, names);
      const { effectiveAt } = step.event;
      return {
        en: `${by.en} assigned the licence on ${effectiveAt}.`,
        nl: `${by.nl} wees de licentie toe op ${effectiveAt}.`,
      };
    }
    case 'unassigned': {
      const by = actorWords(step.event.actor, names);
      const { effectiveAt } = step.event;
      return {
        en: `${by.en} took the licence away on ${effectiveAt}.`,
        nl: `${by.nl} trok de licentie in op ${effectiveAt}.`,
      };
    }
    case 'moved': {
      const by = actorWords(step.event.actor, names);
      const { effectiveAt } = step.event;
      return {
        en: `${by.en} moved the licence to ${step.to} on ${effectiveAt}.`,
        nl: `${by.nl} verplaatste de licentie op ${effectiveAt} naar ${step.to}.`,
      };
    }
    case 'assigned-later': {
      const { effectiveAt } = step.event;
      return {
        en: `The licence was assigned only on ${effectiveAt}.`,
        nl: `De licentie werd pas op ${effectiveAt} toegewezen.`,
      };
    }
    case 'never-assigned':
      return { en: 'No licence was ever assigned.', nl: 'Er is nooit een licentie toegewezen.' };
    case 'not-in-plan': {
      const since = step.event === null ? '' : step.event.effectiveAt;
      return {
        en: `Plan ${step.planId} does not have ${app}${since && `; the plan was changed on ${since}`}.`,
        nl: `Plan ${step.planId} heeft ${app} niet${since && `; het plan is op ${since} gewijzigd`}.`,
      };
    }
    case 'app-off': {
      const by = step.event === null ? undefined : actorWords(step.event.actor, names);
      const at = step.event?.effectiveAt ?? '';
      return {
        en: by === undefined ? `${app} was turned off.` : `${by.en} turned ${app} off on ${at}.`,
        nl: by === undefined ? `${app} was uitgezet.` : `${by.nl} zette ${app} uit op ${at}.`,
      };
    }
    case 'held': {
      const by = step.event === null ? undefined : actorWords(step.event.actor, names);
      const what = step.hold === 'pause' ? { en: 'paused', nl: 'gepauzeerd' } : { en: 'suspended', nl: 'opgeschort' };
      const since = step.event?.effectiveAt ?? '';
      return {
        en: `The subscription was ${what.en}${by === undefined ? '' : ` by ${by.en} since ${since}`}.`,
        nl: `Het abonnement was ${what.nl}${by === undefined ? '' : ` door ${by.nl} sinds ${since}`}.`,
      };
    }
    case 'status':
      return statusSentence(step, names);
    default:
      return step satisfies never;
  }
}

function statusSentence(step: Extract<WhyStep, { kind: 'status' }>, names: WhyNames): Sentence {
  const words = statusWords[step.status];
  const cause: Because | undefined =
    step.deadline === null ? step.because[0] : { kind: 'deadline', deadline: step.deadline.kind, at: step.deadline.at };
  const why = cause === undefined ? { en: '', nl: '' } : causeWords(cause, names);
  return {
    en: `The subscription was ${words.en} since ${step.since}${why.en}.`,
    nl: `Het abonnement was sinds ${step.since} ${words.nl}${why.nl}.`,
  };
}

function causeWords(cause: Because, names: WhyNames): Sentence {
  switch (cause.kind) {
    case 'deadline': {
      const { en, nl } = deadlineWords[cause.deadline];
      return { en: `, because ${en}`, nl: `, omdat ${nl}` };
    }
    case 'payment': {
      const what = `${cause.provider}/${cause.object}`;
      return {
        en: `, because of payment ${what} (${cause.fact})`,
        nl: `, vanwege betaling ${what} (${cause.fact})`,
      };
    }
    case 'command': {
      const { en, nl } = actorWords(cause.actor, names);
      const command = cause.command === null ? '' : ` (${cause.command})`;
      return { en: `, because ${en} asked for it${command}`, nl: `, omdat ${nl} daarom vroeg${command}` };
    }
    case 'event': {
      const { type, effectiveAt } = cause.event;
      return { en: `, because of ${type} on ${effectiveAt}`, nl: `, vanwege ${type} op ${effectiveAt}` };
    }
    default:
      return cause satisfies never;
  }
}

function actorWords({ type, id }: { readonly type: string; readonly id: string }, { nameOf }: WhyNames): Sentence {
  if (type === 'system') return { en: 'the system', nl: 'het systeem' };
  if (type === 'provider') return { en: `payment provider ${id}`, nl: `betaalprovider ${id}` };
  if (type === 'anonymous') return { en: 'an anonymous caller', nl: 'een anonieme gebruiker' };
  const name = nameOf(id);
  return name === undefined ? { en: 'an erased person', nl: 'een gewiste persoon' } : { en: name, nl: name };
}
