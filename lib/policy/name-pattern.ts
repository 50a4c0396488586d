import { isNamePattern } from './schema/words.ts';

/** A rule for DNS names: an element of `toFQDNs` or of a section's `dns` rules. */
export interface NameRule {
  readonly matchName?: string;
  readonly matchPattern?: string;
}

export interface NamePattern {
  readonly valid: boolean;
  /** Whether a name, as queried, matches; in any case of letters, with or without its final dot. Never when the rule is not valid. */
  matches(name: string): boolean;
}

/** Names are at most this long. */
const MAX_NAME = 255;

/**
 * Cilium's name patterns (`pkg/fqdn/matchpattern`). A pattern of stars alone is every name; a leading `**.` stands for one or more labels; any other run
 * of stars for any characters of one label. `kind` `fqdn` (`toFQDNs`) takes one of the two fields, `dns` takes either or both.
 */
export function compileNamePattern(rule: NameRule, kind: 'fqdn' | 'dns'): NamePattern {
  const { matchName = '', matchPattern = '' } = rule;
  const isValid =
    (matchName === '' || isName(matchName, false)) &&
    (matchPattern === '' || isName(matchPattern, true)) &&
    !(kind === 'fqdn' && matchName !== '' && matchPattern !== '');
  if (!isValid || (kind === 'fqdn' && matchName === '' && matchPattern === '')) return { valid: false, matches: () => false };
  const byName = matchName === '' ? undefined : queriedName(matchName);
  const byPattern = matchPattern === '' ? undefined : patternMatcher(queriedName(matchPattern));
  return {
    valid: true,
    matches(name) {
      const queried = queriedName(name);
      return queried === byName || (byPattern?.(queried) ?? false);
    },
  };
}

const isName = (text: string, stars: boolean): boolean => text.length <= MAX_NAME && isNamePattern(text, stars);

/** As the DNS proxy compares names: lower case, with a final dot. */
export const queriedName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
};

function patternMatcher(pattern: string): (name: string) => boolean {
  if (/^\*+\.$/.test(pattern)) return () => true;
  const leading = /^\*{2,}\./.exec(pattern)?.[0].length ?? 0;
  const labels = pattern.slice(leading).split('.').map(labelMatcher);
  const matchesFrom = (parts: readonly string[], first: number) =>
    labels.every((matches, index) => matches(parts[first + index] ?? ''));
  return (name) => {
    const parts = name.split('.');
    const before = parts.length - labels.length;
    if (leading === 0) return before === 0 && matchesFrom(parts, 0);
    return before > 0 && parts.slice(0, before).every((part) => part !== '') && matchesFrom(parts, before);
  };
}

/** One label of a pattern: its pieces between stars, in their order. Linear, by taking each piece at its first place. */
function labelMatcher(label: string): (part: string) => boolean {
  const [first = '', ...others] = label.split(/\*+/);
  const last = others.pop();
  if (last === undefined) return (part) => part === first;
  return (part) => {
    if (part.length < first.length + last.length || !part.startsWith(first) || !part.endsWith(last)) return false;
    const end = part.length - last.length;
    let at = first.length;
    for (const piece of others) {
      const found = part.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
