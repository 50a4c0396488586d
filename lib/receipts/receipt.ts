import * as z from 'zod';

/** Version of the form: a verifier takes exactly one signature algorithm for each. */
export const RECEIPT_SCHEMA = 'causeway.receipt/1';
export const HEADER_SCHEMA = 'causeway.batch/1';

/** Longest text in a receipt, in UTF-16 units; flows are bounded before they come here. */
const MOST_TEXT = 512;
const Text = z.string().max(MOST_TEXT);
const Count = z.int().min(0);
/** 64-bit counters and nanoseconds are text: JSON numbers lose digits beyond 2^53. */
const Digits = z.string().regex(/^(0|[1-9]\d{0,19})$/, 'digits');
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/, '32 bytes in lower-case hexadecimal');
/** A hash of a path, base64url: half as long again in hexadecimal, and there are many. Its last letter has no bits to spare. */
const PathHash = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, '32 bytes in base64url');
/** RFC 3339 in UTC with six digits of a second. */
const Moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'a time as 2026-03-02T14:02:41.204113Z');
const ClusterId = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

/** One side of the flow, as Hubble reported it. What was not reported is absent. */
const Peer = z.strictObject({
  identity: Count,
  namespace: Text.optional(),
  pod: Text.optional(),
  workload: Text.optional(),
  /** Reserved entity, name or range outside: `world`, `api.example.com`, `203.0.113.0/24`. */
  entity: Text.optional(),
  ip: Text.optional(),
  /** Never one that was derived without saying so: see `observation.spiffe_basis`. */
  spiffe_id: Text.optional(),
});

const Flow = z.strictObject({
  uuid: Text,
  verdict: z.enum(['FORWARDED', 'DROPPED', 'ERROR', 'AUDIT', 'REDIRECTED', 'TRACED', 'TRANSLATED']),
  drop_reason: Text.optional(),
  direction: z.enum(['ingress', 'egress', 'unknown']),
  is_reply: z.boolean().optional(),
  source: Peer,
  destination: Peer,
  protocol: Text,
  port: z.int().min(0).max(65_535),
  l7: z
    .strictObject({
      type: Text,
      method: Text.optional(),
      path: Text.optional(),
      host: Text.optional(),
      status: z.int().min(0).max(999).optional(),
      query: Text.optional(),
    })
    .optional(),
  /** Of an aggregate: how many flows, from when to when, and up to three of their uuids. */
  aggregate: z.strictObject({ count: Digits, first_at: Moment, last_at: Moment, samples: z.array(Text).max(3) }).optional(),
});

/** A policy that governed the flow; which source says so is in `observation.policy_attribution`. */
const GoverningPolicy = z.strictObject({
  ref: Text,
  uid: Text.optional(),
  generation: Count.optional(),
  spec_hash: Hex32.optional(),
  raw_hash: Hex32.optional(),
});

/** What stood behind the record, and how much it is worth. */
const Observation = z.strictObject({
  source: Text,
  cilium_version: Text.optional(),
  /** Why there is a receipt. */
  class: z.enum(['dropped', 'audit', 'error', 'finding', 'aggregate', 'attested', 'full']),
  event_type: Text,
  event_sub_type: Text.optional(),
  observation_point: Text.optional(),
  node: Text,
  /** Place in the stream of the node, where it is known. */
  stream_position: Digits.optional(),
  encrypted: z.enum(['yes', 'no', 'unknown']),
  /** What that rests on; left out, as where it says `absent`: the event does not say. */
  encrypted_basis: z.enum(['flow-bit', 'device-trace', 'same-node', 'absent']).optional(),
  /** Where SPIFFE IDs are from; left out, as where it says `absent`: none is recorded. */
  spiffe_basis: z.enum(['derived-from-labels', 'spire-entry-lookup', 'absent']).optional(),
  policy_attribution: z.enum(['hubble', 'engine', 'none']),
  /** Policies that were in force, where it is another set than that of the batch's header. */
  policy_set_hash: Hex32.optional(),
  /** Circumstances in which a disagreement proves little: `reply`, `propagation`, `audit-mode` ... */
  grace: z.array(Text).max(10).optional(),
  finding: z
    .strictObject({
      rule: z.enum(['R1', 'R2', 'R3', 'R4', 'R5', 'R6']),
      severity: z.enum(['confirmed', 'suspected', 'not-evaluable']),
      reasons: z.array(Text).min(1).max(10),
      /** What it is about: a policy, a node, a window. Where there is no flow this is all there is. */
      subject: Text.optional(),
    })
    .optional(),
});

const evidence = {
  schema: z.literal(RECEIPT_SCHEMA),
  cluster_id: ClusterId,
  observed_at: Moment,
  policy: z.array(GoverningPolicy).max(20),
  /** Absent in findings about something else: see `hasItsMatter`. */
  flow: Flow.optional(),
  observation: Observation,
};

/** Evidence is about a flow, or it is a finding that names its subject (rules R5 and R6 have no flow). */
const hasItsMatter = ({
  flow,
  observation,
}: {
  readonly flow?: z.infer<typeof Flow> | undefined;
  readonly observation: z.infer<typeof Observation>;
}): boolean => flow !== undefined || (observation.class === 'finding' && observation.finding?.subject !== undefined);
const MATTER = { path: ['flow'], message: 'only a finding that names its subject has no flow' };

/** What the leaf of the batch is made of. */
export const Evidence = z.strictObject(evidence).refine(hasItsMatter, MATTER);
export type Evidence = z.infer<typeof Evidence>;

const signed = {
  ...evidence,
  receipt_id: z.string().regex(/^rcpt_[a-z2-7]{26}$/, 'rcpt_ and 26 letters of base32'),
  timestamp: Moment,
  attestation: z.strictObject({
    witness_identity: Text,
    attestation_time: Moment,
    merkle_root: Hex32,
    leaf_index: Count,
    tree_size: z.int().min(1),
    batch_id: Text,
  }),
};

/** What the signature is over. */
export const SignedReceipt = z.strictObject(signed).refine(hasItsMatter, MATTER);
export type SignedReceipt = z.infer<typeof SignedReceipt>;

export const ReceiptSignature = z.strictObject({
  alg: z.literal('Ed25519'),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'an RFC 7638 thumbprint'),
  sig: z.string().regex(/^[A-Za-z0-9_-]{86}$/, '64 bytes in base64url'),
});
export type ReceiptSignature = z.infer<typeof ReceiptSignature>;

const { kid, sig } = ReceiptSignature.shape;

/** A change of a key, as the log holds it; what its signatures are over is in `key-event.ts`. */
export const KeyEvent = z
  .strictObject({
    event: z.enum(['introduced', 'activated', 'retired', 'compromised']),
    role: z.enum(['receipt', 'checkpoint']),
    kid,
    /** Public key, base64url, as in a JWK. */
    x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, '32 bytes in base64url'),
    at: Moment,
    /** Of a compromised key, and only there: what it signed from then on proves nothing. */
    compromised_at: Moment.optional(),
    signatures: z.array(z.strictObject({ kid, sig })).min(1).max(2),
  })
  .refine(({ event, compromised_at }) => (event === 'compromised') === (compromised_at !== undefined), {
    path: ['compromised_at'],
    message: 'is there for a compromised key, and for no other',
  });
export type KeyEvent = z.infer<typeof KeyEvent>;

/** A batch as the log holds it: one entry. Headers are chained by the hash of the one before. */
export const BatchHeader = z.strictObject({
  schema: z.literal(HEADER_SCHEMA),
  cluster_id: ClusterId,
  batch_id: Text,
  seq: Count,
  prev_header_hash: Hex32,
  window_start: Moment,
  window_end: Moment,
  leaf_count: z.int().min(1),
  merkle_root: Hex32,
  receipt_counts: z.strictObject({
    dropped: Count.optional(),
    audit: Count.optional(),
    error: Count.optional(),
    finding: Count.optional(),
    aggregate: Count.optional(),
    attested: Count.optional(),
    full: Count.optional(),
  }),
  completeness: z.strictObject({
    nodes_expected: Count,
    nodes_connected: Count,
    lost_events: z.array(z.strictObject({ node: Text, source: Text, count: Digits })).max(200),
    stream_gaps: z.array(z.strictObject({ from: Moment, to: Moment, reason: Text })).max(50),
    clock_skew_ms_max: Count,
  }),
  policy_set_hash: Hex32.optional(),
  /** Head of the audit log when the batch was sealed: whoever holds a checkpoint holds that log too. */
  audit_head: z.strictObject({ seq: Digits, hash: Hex32 }).optional(),
  /** Changes of keys since the batch before, in their order. */
  key_events: z.array(KeyEvent).min(1).max(20).optional(),
  kid,
});
export type BatchHeader = z.infer<typeof BatchHeader>;

/** Way from the leaf to a head that others have seen. It is not signed and can be added later. */
export const ReceiptProof = z.strictObject({
  batch_path: z.array(PathHash).max(64),
  header: BatchHeader,
  log: z.strictObject({ index: Count, size: z.int().min(1), path: z.array(PathHash).max(64) }).optional(),
  /** A signed note with the signature of the log and cosignatures. */
  checkpoint: z.string().max(20_000).optional(),
});
export type ReceiptProof = z.infer<typeof ReceiptProof>;

/** A receipt as it is handed out. */
export const Receipt = z
  .strictObject({ ...signed, signature: ReceiptSignature, proof: ReceiptProof.optional() })
  .refine(hasItsMatter, MATTER);
export type Receipt = z.infer<typeof Receipt>;
