/** What a part of a copy came to. */
export interface Copied {
  /** What went over the network, in bytes. */
  readonly bytesCopied: number;
  /** Including those that were looked into and had not changed. */
  readonly filesChanged: number;
}

export const NOTHING_COPIED: Copied = { bytesCopied: 0, filesChanged: 0 };

/** Of all parts. */
export function together(parts: Iterable<Copied>): Copied {
  let { bytesCopied, filesChanged } = NOTHING_COPIED;
  for (const part of parts) {
    bytesCopied += part.bytesCopied;
    filesChanged += part.filesChanged;
  }
  return { bytesCopied, filesChanged };
}
