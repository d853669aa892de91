/** Beyond this many different texts, statements run unprepared: a server keeps every prepared one per connection. */
const preparedStatementCountMax = 500;

/** Names of prepared statements, one per text; undefined for a text that is one too many. */
export class PreparedNames {
  readonly #names = new Map<string, string>();

  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= preparedStatementCountMax) return undefined;
    const name = `perennial_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
