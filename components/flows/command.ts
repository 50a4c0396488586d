import { hubbleCommand } from '#lib/flow/filter-command.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';

/** The filter as a `hubble observe` command; undefined for a text that cannot be read, or that Hubble has no words for. */
export function commandOf(filter: string): string | undefined {
  const parsed = parseFilter(filter);
  if (!parsed.ok) return undefined;
  try {
    return hubbleCommand(parsed.query);
  } catch {
    return undefined;
  }
}
