import 'server-only';
import { createHash } from 'node:crypto';
import { type AuditHead, type BrokenRow, ChainWalk, type Sha256 } from '#lib/audit-log/chain.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { auditRows, readAuditHead } from '#lib/db/audit-log/read.ts';
import { withDatabase } from '#lib/db/client.ts';

/** Broken places that are told one by one. */
const MOST_TOLD = 100;

export interface Verified {
  readonly ok: boolean;
  /** Rows walked. */
  readonly events: number;
  readonly head: (AuditHead & { readonly at: number }) | undefined;
  /** First first; at most 100. */
  readonly broken: readonly BrokenRow[];
}

const native: Sha256 = (text) => createHash('sha256').update(text).digest('hex');

/**
 * Walks the whole log up to where it ends now and compares it with `noted`, a head that was kept elsewhere. That it was verified, and what was found,
 * becomes its next event.
 */
export async function verifyAuditLog(context: AuditContext, noted?: AuditHead): Promise<Verified> {
  const stored = await readAuditHead();
  const walk = new ChainWalk([stored, ...(noted ? [noted] : [])], native);
  const broken: BrokenRow[] = [];
  let at = 0;
  for await (const rows of auditRows({}, stored.seq)) {
    for (const row of rows) broken.push(...walk.add(row));
    at = rows.at(-1)?.at ?? at;
  }
  broken.push(...walk.end());
  const told = broken.toSorted((a, b) => a.seq - b.seq).slice(0, MOST_TOLD);
  const ok = broken.length === 0;
  await withDatabase((db) =>
    appendAudit(db, {
      ...context,
      action: 'audit-log.verify',
      object: { type: 'audit-log', id: '' },
      outcome: ok ? 'ok' : 'failed',
      details: { events: walk.rows, broken: broken.length, head: `${stored.seq}:${stored.hash}` },
    }),
  );
  return { ok, events: walk.rows, head: walk.head && { ...walk.head, at }, broken: told };
}
