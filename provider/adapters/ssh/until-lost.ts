/** What is read once, and again only when the connection was lost or the reading failed. */
export class UntilLost<T> {
  private reading: Promise<T> | undefined;

  constructor(private readonly onLost: (forget: () => void) => void) {}

  get(read: () => Promise<T>): Promise<T> {
    if (this.reading) return this.reading;
    const reading = read();
    const forget = () => {
      if (this.reading === reading) this.reading = undefined;
    };
    this.reading = reading;
    this.onLost(forget);
    reading.catch(forget);
    return reading;
  }
}
