const MINUTE = 60_000;
const UNITS: readonly [number, string][] = [
  [24 * 60 * MINUTE, 'd'],
  [60 * MINUTE, 'h'],
  [MINUTE, 'min'],
];

/** `2 d 4 h`, `35 min`: the two largest units, rounded up to minutes so that nobody comes too early. */
export function durationText(ms: number): string {
  let rest = Math.max(1, Math.ceil(ms / MINUTE)) * MINUTE;
  const parts: string[] = [];
  for (const [length, unit] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** `2026-11-24 13:05 UTC` */
export const utcText = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** `1 approval`, `2 approvals` */
export const countText = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c` */
export const listText = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
