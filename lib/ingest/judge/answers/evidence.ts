import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { CheckResult } from '#lib/migration/check.ts';
import { evaluatePhase } from '#lib/migration/evaluate/evaluate.ts';
import { nodeInfo, nodeNames } from '#lib/migration/evaluate/cluster.ts';
import { commandValues } from '#lib/migration/evaluate/command-values.ts';
import type { Evidence, JudgedEvidence } from '#lib/migration/evaluate/evidence.ts';
import type { Phase } from '#lib/migration/model.ts';
import { phaseOf, planOf } from '#lib/migration/plan/plan.ts';
import { hashOf } from '#lib/migration/snapshot.ts';
import { runPreflight } from '#lib/preflight/run.ts';
import type { AskOf } from '../asks.ts';
import { knownCluster } from '../cluster-inputs.ts';
import type { Desk } from '../desk.ts';
import { authenticationOf, judgedEvidence } from '../judged-evidence.ts';
import { baselineEvidence, trafficEvidence } from '../traffic-evidence.ts';

/** What evidence came to: the checks of each phase, and what of the cluster is hashed with them. */
export interface ReadEvidence {
  readonly phases: readonly { readonly phase: Phase; readonly results: readonly CheckResult[] }[];
  readonly policySetHash: string;
  readonly ciliumVersion: string;
  readonly kubernetesVersion: string;
  readonly valuesHash: string;
  readonly nodeListHash: string;
  /** For the commands of the plan, by placeholder. */
  readonly values: Readonly<Record<string, string>>;
}

/** Reads the evidence of a cluster once, and puts it to the checks of each phase that is asked. */
export async function answerEvidence(
  desk: Desk,
  cluster: string,
  { cluster: now, phases }: AskOf<'evidence'>,
): Promise<ReadEvidence> {
  const { inputs, files } = await knownCluster(desk, cluster, now);
  desk.goOn();
  const preflight = new Map(runPreflight(inputs).map((result) => [result.check.number, result]));
  desk.goOn();
  const knowsPolicies = desk.knows(cluster) && inputs.policies !== undefined && inputs.flows !== undefined;
  const judged: JudgedEvidence | undefined = knowsPolicies ? await judgedEvidence(desk, cluster, now.now) : undefined;
  const authentication = knowsPolicies ? await authenticationOf(desk, cluster, now.now) : undefined;
  const baseline = await baselineEvidence(desk, cluster);
  const results = [];
  for (const { phase, planVersion, choices, begunAt, thresholds, attested } of phases) {
    const plan = planOf(planVersion);
    if (!plan) throw new CausewayError('conflict', `this console does not have version ${planVersion} of the plan any more`);
    desk.goOn();
    const traffic = await trafficEvidence(desk, cluster, begunAt, now.now);
    const evidence: Evidence = {
      inputs,
      preflight,
      uploads: files,
      traffic: { ...traffic, authentication },
      judged,
      baseline,
      demo: now.demo,
    };
    results.push({ phase, results: evaluatePhase(phaseOf(plan, phase, choices), evidence, { thresholds, attested }) });
  }
  const kubelets = [...new Set(inputs.objects.all('Node').map((node) => nodeInfo(node, 'kubeletVersion')))].toSorted();
  return {
    phases: results,
    policySetHash: desk.knows(cluster) ? desk.facts(cluster).setHash : '',
    ciliumVersion: inputs.version ?? '',
    kubernetesVersion: kubelets.join(' '),
    valuesHash: (files.get('helm-values') ?? files.get('argocd-application'))?.sha256 ?? '',
    nodeListHash: inputs.objects.known('Node') ? hashOf(nodeNames(inputs.objects).join('\n')) : '',
    values: Object.fromEntries(commandValues(inputs)),
  };
}
