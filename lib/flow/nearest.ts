/** Up to `limit` of `candidates` that a person may have meant by `word`: those that begin or contain it, then those few typing errors away. */
export function nearest(word: string, candidates: readonly string[], limit = 3): string[] {
  const wanted = word.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, rank: likeness(wanted, candidate.toLowerCase()) }))
    .filter(({ rank }) => rank <= Math.max(2, wanted.length / 3))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

const likeness = (wanted: string, candidate: string): number =>
  wanted.length > 1 && candidate.startsWith(wanted)
    ? 0
    : wanted.length > 2 && candidate.includes(wanted)
      ? 1
      : distance(wanted, candidate);

/** Levenshtein distance of two short texts. */
function distance(from: string, to: string): number {
  if (from.length > 64 || to.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
