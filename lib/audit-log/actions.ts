/**
 * Everything the audit log knows to have happened, as `object.verb`. A closed list: an event that is not named here does not compile, and the
 * page can offer all of them to filter by.
 */
export const AUDIT_ACTIONS = [
  // who came and went, and with which rights
  'session.sign-in',
  'session.sign-out',
  'session.revoke',
  'session.step-up',
  'member.grants-changed',
  'access.denied',
  'token.create',
  'token.revoke',
  // what the console watches, and what people keep in it
  'cluster.create',
  'cluster.change',
  'cluster.delete',
  'capture.create',
  'capture.delete',
  'objects.upload',
  'policy-set.create',
  'policy-set.change',
  'policy-set.delete',
  'flow-logs.import',
  'flow-logs.delete',
  // the move to Cilium
  'migration.create',
  'migration.change',
  'migration.export',
  'evidence.upload',
  'step.tick',
  'check.attest',
  'check.acknowledge',
  'check.threshold',
  'risk.change',
  'gate.request',
  'gate.approve',
  'gate.reject',
  'gate.withdraw',
  'gate.revoke',
  'gate.approved',
  'gate.execute',
  'gate.complete',
  'gate.fail',
  'gate.roll-back',
  'gate.rolled-back',
  'gate.expire',
  'gate.stale',
  'gate.break-glass',
  'review.close',
  'elevation.request',
  'elevation.grant',
  'elevation.refuse',
  'elevation.end',
  // who is told
  'webhook.create',
  'webhook.change',
  'webhook.delete',
  'webhook.resend',
  // receipts on demand
  'receipt.attest',
  // what rules found
  'finding.triage',
  'finding.reopen',
  // keys that sign
  'key.change',
  'key.rotate',
  'key.compromise',
  'trust.import',
  // the log itself
  'audit-log.export',
  'audit-log.verify',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
