import { messageOf } from '#lib/errors/errors.ts';
import type { CheckDefinition, CheckResult } from '../check.ts';
import type { PlanPhase } from '../plan/model.ts';
import { daemonSetGone, kernels, kubernetes, podsManaged, rotated, vpcCni, wireGuard } from './cluster.ts';
import { enforced, preflightCheck } from './configuration.ts';
import type { Evidence } from './evidence.ts';
import { agentsReady, connectivity, mtu, spireEntries, throughput } from './files.ts';
import { decide, type Measured, unknown } from './measure.ts';
import {
  auditTuples,
  authenticated,
  authRequired,
  baseline,
  dropsAgainstBefore,
  encrypted,
  historyNeeded,
  invalidPolicies,
  nodesReporting,
  wouldDeny,
} from './traffic.ts';

/** What people said of the checks of a phase, by id. */
export interface SaidOfChecks {
  readonly thresholds: ReadonlyMap<string, number>;
  readonly attested: ReadonlyMap<string, { readonly by: string; readonly statement: string; readonly at: number }>;
}

type Measure = (evidence: Evidence) => Measured;

/** Checks that are in every phase, by what follows the number of the phase. */
const IN_EVERY_PHASE: ReadonlyMap<string, Measure> = new Map([
  ['nodes', nodesReporting],
  ['drops', dropsAgainstBefore],
  ['audit', auditTuples],
  ['would-deny', wouldDeny],
  ['connectivity', connectivity],
]);

const OF_ONE_PHASE: ReadonlyMap<string, Measure> = new Map([
  ['0.baseline', baseline],
  ['0.kernels', kernels],
  ['0.kubernetes', kubernetes],
  ['0.cni', vpcCni],
  ['1.pods', podsManaged],
  ['1.agents', agentsReady],
  ['2.valid', invalidPolicies],
  ['2.enforced', enforced],
  ['3.encrypted', encrypted],
  ['3.auth-required', authRequired],
  ['3.authenticated', authenticated],
  ['3.spire-entries', spireEntries],
  ['3.wireguard', wireGuard],
  ['3.mtu', mtu],
  ['3.throughput', throughput],
  ['4.rotated', rotated],
  ['4.taint', preflightCheck(2)],
  ['4.aws-node', daemonSetGone('aws-node')],
  ['4.kube-proxy', daemonSetGone('kube-proxy')],
]);

/** Whether this console knows how to decide a check. */
export const isEvaluated = (check: CheckDefinition): boolean => measureOf(check) !== undefined || check.kind === 'attestation';

/** What each check of a phase says of the evidence, in the order of the plan. One that fails in itself is `unknown` and takes no other down. */
export const evaluatePhase = (phase: PlanPhase, evidence: Evidence, said: SaidOfChecks): CheckResult[] =>
  phase.checks.map((check) => evaluateCheck(check, evidence, said));

function evaluateCheck(check: CheckDefinition, evidence: Evidence, said: SaidOfChecks): CheckResult {
  const { now } = evidence.inputs;
  const windowMs = check.windowMs === undefined ? undefined : Math.min(check.windowMs, historyNeeded(evidence));
  const options = { threshold: said.thresholds.get(check.id), windowMs, now };
  try {
    return decide(check, check.kind === 'attestation' ? attestation(check, said) : measured(check, evidence), options);
  } catch (error) {
    return decide(check, unknown(`The check failed in itself: ${messageOf(error).slice(0, 300)}. Please report it.`), options);
  }
}

function measured(check: CheckDefinition, evidence: Evidence): Measured {
  const measure = measureOf(check);
  return measure ? measure(evidence) : unknown('This console does not know how to decide this check; a newer one may.');
}

function measureOf({ id, preflight }: CheckDefinition): Measure | undefined {
  if (preflight !== undefined) return preflightCheck(preflight);
  return OF_ONE_PHASE.get(id) ?? IN_EVERY_PHASE.get(id.slice(id.indexOf('.') + 1));
}

/** A person's word, always told as such. */
function attestation({ id }: CheckDefinition, { attested }: SaidOfChecks): Measured {
  const word = attested.get(id);
  if (!word) return unknown('Nobody has stated it yet.', 'attestation');
  return { kind: 'verdict', passes: true, value: 'stated', reason: `${word.by} states: ${word.statement}`, at: word.at };
}
