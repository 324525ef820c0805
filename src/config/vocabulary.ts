/** Words that other rooms define and a configuration uses: handed in, since this room may not ask them. */
export interface Vocabulary {
  /** Names of output formats. */
  readonly formats: readonly string[];
  /** Keys of a selection: `id`, `severity`, … */
  readonly selectionKeys: readonly string[];
  /** Settings of policies, by name. */
  readonly settings: Readonly<Record<string, { readonly doc: string }>>;
  /** The candidate that a misspelt word most probably meant. */
  readonly nearest: (word: string, candidates: Iterable<string>) => string | undefined;
}
