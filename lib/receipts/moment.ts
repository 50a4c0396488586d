/** Unix milliseconds, their fraction the microseconds, as receipts write times: `2026-03-02T14:02:41.204113Z`. Throws a RangeError for what is no time. */
export function momentOf(time: number): string {
  const microseconds = Math.round(time * 1000);
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, 23)}${rest}Z`;
}

/** The time of such a text: Unix milliseconds, the microseconds as their fraction. */
export const timeOfMoment = (moment: string): number =>
  (Date.parse(`${moment.slice(0, 23)}Z`) * 1000 + Number(moment.slice(23, 26))) / 1000;
