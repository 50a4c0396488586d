import * as z from 'zod';
import { ConsistencyProof } from '#lib/api/receipts.ts';
import { hasGrown, type LogHead } from '#lib/receipts/growth.ts';
import { callApi } from '#components/live/api.ts';

/** Whether a log has only grown between two of its heads, and what this browser remembers of one. */

export type Growth =
  /** The older head is the beginning of the newer one; `hashes` is how long the proof was. */
  | { readonly kind: 'grown'; readonly from: LogHead; readonly to: LogHead; readonly hashes: number }
  | { readonly kind: 'same'; readonly to: LogHead }
  /** It is not, or the console cannot prove it: what was in the log then is not what is in it now. */
  | { readonly kind: 'rewritten'; readonly from: LogHead; readonly to: LogHead; readonly why: string };

/** Compares two heads of a log: the roots are those of the heads given, only the path between them is asked for. Throws `ApiFailure`. */
export async function compareHeads(cluster: string, from: LogHead, to: LogHead): Promise<Growth> {
  if (from.size > to.size) return { kind: 'rewritten', from, to, why: 'the log was longer then' };
  if (from.size === to.size)
    return from.root === to.root
      ? { kind: 'same', to }
      : { kind: 'rewritten', from, to, why: 'of the same length, it is another log' };
  const query = new URLSearchParams({ cluster, from: String(from.size), to: String(to.size) });
  const { body } = await callApi(`/api/v1/consistency?${query}`, ConsistencyProof);
  if (!hasGrown(from, to, body.path))
    return { kind: 'rewritten', from, to, why: 'the proof does not lead from the one root to the other' };
  return { kind: 'grown', from, to, hashes: body.path.length };
}

const Remembered = z.object({ size: z.number().int().min(1), root: z.string(), at: z.number() });
/** A head that this browser has seen, and when: Unix milliseconds. */
export type RememberedHead = z.infer<typeof Remembered>;

const keyOf = (cluster: string): string => `causeway.log-head.${cluster}`;

/** The head of a cluster's log that this browser saw last; undefined where it saw none, or may keep nothing. */
export function rememberedHead(cluster: string): RememberedHead | undefined {
  try {
    return Remembered.safeParse(JSON.parse(localStorage.getItem(keyOf(cluster)) ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** Remembers a head, or forgets it. False where the browser keeps nothing. */
export function rememberHead(cluster: string, head: RememberedHead | undefined): boolean {
  try {
    if (head) localStorage.setItem(keyOf(cluster), JSON.stringify(head));
    else localStorage.removeItem(keyOf(cluster));
    return true;
  } catch {
    return false;
  }
}
