/** What a subscriber wants of the names or types of events. A regular expression wins over prefixes. */
export interface FilterExpression {
  regex: string;
  prefixes: readonly string[];
}

/** Builds the test; throws a SyntaxError when the regular expression is none. */
export function textFilter({ regex, prefixes }: FilterExpression): (text: string) => boolean {
  if (regex !== '') {
    const pattern = new RegExp(regex, 'u');
    return (text) => pattern.test(text);
  }
  return (text) => prefixes.some((prefix) => text.startsWith(prefix));
}
