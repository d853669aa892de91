/**
 * Card numbers never reach the log (`contract.md`, command bodies; `domain.md 6.10` rule 10): commands that hold one are
 * refused, facts and webhooks are masked.
 *
 * @module
 */
import { findText } from './find-text.ts';

/** What stands for a digit that was taken out. */
const mask = '*';

/** Values nested deeper than this are cut off: no payment is, and a stack has an end. */
const depthMax = 100;

/** A run of digits, or several with only spaces or dashes between. */
type Span = { readonly start: number; readonly end: number };

/** The path of the first string in the value that holds a card number, `$.paymentMethod.token`; `undefined` for none. */
export function findCardNumber(value: unknown): string | undefined {
  return findText(value, (text) => cardSpans(text).length > 0);
}

/** A copy of the value with all but the last four digits of every card number replaced by `*`, in strings, names and numbers. */
export function maskCardNumbers<T>(value: T): T {
  // Strings stay strings and objects keep their shape; only a number that is a card's turns into text.
  return masked(value, 0) as T;
}

/** Whether a text went through {@link maskCardNumbers} and lost digits. */
export function isMasked(text: string): boolean {
  // Nearly no text has a star, and every reference of every payment is looked at.
  return text.includes(mask) && /(?:\*[ -]*){9}(?:\d[ -]*){4}/.test(text);
}

function masked(value: unknown, depth: number): unknown {
  if (depth > depthMax) return '[nested too deeply]';
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number') return cardSpans(String(value)).length === 0 ? value : maskText(String(value));
  if (Array.isArray(value)) return value.map((inner) => masked(inner, depth + 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskText(key), masked(inner, depth + 1)]));
}

function maskText(text: string): string {
  let result = text;
  for (const { start, end } of cardSpans(text)) {
    const digits = text.slice(start, end).replace(/\d(?=(?:\D*\d){4})/g, mask);
    result = result.slice(0, start) + digits + result.slice(end);
  }
  return result;
}

/** What every card number contains; nearly no text does, and asking allocates nothing. */
const candidate = /[2-6](?:[ -]*\d){12}/;

/** Every stretch of 13 to 19 digits that is a card number; the longest wins where several begin at one place. */
function cardSpans(text: string): Span[] {
  if (text.length < 13 || !candidate.test(text)) return [];
  const groups = [...text.matchAll(/\d+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const spans: Span[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const span = longestCardFrom(text, groups, first);
    if (!span) continue;
    spans.push(span);
    while (first + 1 < groups.length && (groups[first + 1]?.start ?? 0) < span.end) first += 1;
  }
  return spans;
}

function longestCardFrom(text: string, groups: readonly Span[], first: number): Span | undefined {
  const start = groups[first]?.start ?? 0;
  if (touches(text, start - 1) || !/[2-6]/.test(text.charAt(start))) return undefined;
  let digits = '';
  let longest: Span | undefined;
  for (let index = first; index < groups.length; index += 1) {
    const group = groups[index];
    const previous = groups[index - 1];
    if (!group || (index > first && previous && /[^ -]/.test(text.slice(previous.end, group.start)))) break;
    digits += text.slice(group.start, group.end);
    if (digits.length > 19) break;
    if (digits.length >= 13 && !touches(text, group.end) && passesLuhn(digits)) longest = { start, end: group.end };
  }
  return longest;
}

/** A letter, digit or `_` beside the digits makes them part of an identifier. */
function touches(text: string, index: number): boolean {
  return index >= 0 && index < text.length && /[\p{L}\p{N}_]/u.test(text.charAt(index));
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
