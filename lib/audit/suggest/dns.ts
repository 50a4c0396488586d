import { isName } from '#lib/policy/nearest-resolver.ts';
import type { DnsMatch, RulePort } from '#lib/policy/nearest-rule.ts';
import type { Connection } from './connection.ts';

/** With more names than this a rule names none of them. */
export const MOST_NAMES = 40;
export const DNS_PORT = 53;

/** Traffic to a resolver: the port that the DNS proxy stands before, or a question that it saw. */
export const isDns = ({ tuple }: Pick<Connection, 'tuple'>): boolean =>
  tuple.l7?.kind === 'dns' || ((tuple.protocol === 'UDP' || tuple.protocol === 'TCP') && tuple.port === DNS_PORT);

export const isDnsPort = ({ protocol, port }: RulePort): boolean =>
  port === DNS_PORT && (protocol === 'UDP' || protocol === 'TCP');

const nameAsked = ({ tuple }: Connection): string | undefined => (tuple.l7?.kind === 'dns' ? tuple.l7.name : undefined);

/**
 * Names that may be asked for: every name unless some were refused or the caller wants them listed. `needed` are the names that rules of the same
 * workload rest on. Empty when no question may pass.
 */
export function dnsMatchesOf(
  passed: readonly Connection[],
  denied: readonly Connection[],
  needed: readonly string[],
  listNames: boolean,
): { readonly matches: readonly DnsMatch[]; readonly cautions: readonly string[] } {
  const asked = [...new Set(passed.flatMap((connection) => nameAsked(connection) ?? []))];
  const refused = new Set(denied.flatMap((connection) => nameAsked(connection) ?? []));
  const names = [...new Set([...asked, ...needed])].filter((name) => isName(name) && !refused.has(name)).toSorted();
  if (refused.size === 0 && (!listNames || names.length > MOST_NAMES || names.length === 0)) {
    const cautions =
      asked.length > MOST_NAMES
        ? [
            `It asked for ${asked.length} different names: data can leave a cluster in names. Look at them before you allow every name.`,
          ]
        : [];
    return { matches: [{ matchPattern: '*' }], cautions };
  }
  return {
    matches: names.map((matchName) => ({ matchName })),
    cautions: ['Only the names listed may be asked for: a new one is refused.'],
  };
}
