/** One of these words, which an editor completes; a text of the program's own is looked at later. */
export type OneOf<Word extends string> = Word | (string & Record<never, never>);
