import * as z from 'zod';
import { BatchHeader, Receipt } from '#lib/receipts/receipt.ts';
import { ClusterId, Time } from './common.ts';

/** A message on `aegisnet.attestations.network`: a batch of receipts, or a signed head of a cluster's log. What it says is checked by its signatures, not by who sent it. */
export const AttestationMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('batch'),
    cluster: ClusterId,
    header: BatchHeader,
    /** Of a batch that is too large for one message, this part of `parts`, from 1. */
    part: z.number().int().min(1),
    parts: z.number().int().min(1),
    receipts: z.array(Receipt),
  }),
  z.object({
    type: z.literal('checkpoint'),
    cluster: ClusterId,
    size: z.number().int().min(1),
    /** A C2SP signed note, with the lines of the witnesses that had seen it. */
    note: z.string(),
  }),
]);
export type AttestationMessage = z.infer<typeof AttestationMessage>;

const Peer = z.object({ namespace: z.string(), workload: z.string(), identity: z.number() });
export const BUS_VERDICTS = ['FORWARDED', 'DROPPED', 'AUDIT'] as const;

/** A message on `aegisnet.hubble.policies`: policies changed, or the same traffic got another verdict than before. */
export const PolicyMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('policies'),
    cluster: ClusterId,
    at: Time,
    /** Equal sets of policies have equal hashes. */
    setHash: z.string(),
    previousSetHash: z.string(),
    changes: z.array(
      z.object({ policy: z.string(), change: z.enum(['added', 'changed', 'removed']), specHash: z.string().optional() }),
    ),
    /** More changes than are listed. */
    more: z.number().int().nonnegative(),
  }),
  z.object({
    type: z.literal('verdict'),
    cluster: ClusterId,
    at: Time,
    source: Peer,
    destination: Peer,
    protocol: z.string(),
    port: z.number(),
    direction: z.string(),
    from: z.enum(BUS_VERDICTS),
    to: z.enum(BUS_VERDICTS),
    flow: z.string(),
  }),
]);
export type PolicyMessage = z.infer<typeof PolicyMessage>;
