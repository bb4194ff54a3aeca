/** Those who answered a question for an address, from a question on, as every change is told. */
export interface Answerers {
  /** Of the question: 0, 1, 2 … */
  readonly question: number;
  readonly answerers: readonly string[];
}

/**
 * The most that had an address at one time. Two hosts may well answer a single question: it is on
 * its way to both while one hands over to the other, and reaches the second a little later. Then
 * the one before it was answered by the first alone, and the one after it by the second alone.
 * Whatever else two answer was asked of two that had the address.
 */
export class Answering {
  private before: Answerers | undefined;
  private latest: Answerers | undefined;
  private most = 0;

  tell(next: Answerers): void {
    const { before, latest } = this;
    if (latest !== undefined) this.most = Math.max(this.most, atOnce(before, latest, next));
    this.before = latest;
    this.latest = next;
  }

  /** Since the last report. */
  report(): number {
    const now = this.latest?.answerers.length ?? 0;
    const most = Math.max(this.most, now);
    this.most = 0;
    return most;
  }
}

function atOnce(
  before: Answerers | undefined,
  { question, answerers }: Answerers,
  after: Answerers,
) {
  const count = answerers.length;
  if (count !== 2 || after.question !== question + 1) return count;
  if (before?.answerers.length !== 1 || after.answerers.length !== 1) return count;
  const both = new Set([before.answerers[0], after.answerers[0]]);
  return both.size === 2 && answerers.every((each) => both.has(each)) ? 1 : count;
}
