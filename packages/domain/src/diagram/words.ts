/** A name of the code as words: `paysLateInGrace`, `refund_due` and `term-end` become what they say. */
export function words(name: string): string {
  return name
    .replaceAll(/[_-]/g, ' ')
    .replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();
}
