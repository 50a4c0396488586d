// Threads: cilium/cilium #46189, #28450, #28337, #18581, #27866, #8060.
import { counted } from '#lib/policy/lint/words.ts';
import { policyMapBudget } from '#lib/policy/lint/rules/policy-map-budget.ts';
import { labelsOf } from '#lib/world/labels.ts';
import { own } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { policyView, ruleFindings } from '../policy-view.ts';

/** Identities that a cluster can have: 16 bits, less the reserved ones. */
const MOST_IDENTITIES = 65_535 - 256;
/** Cilium: pkg/option, PolicyMapMin. */
const LEAST_MAP = 256;
const BLOCK = 0.9;
const WARN = 0.5;
/** Labels that are new for every pod or run; the default filter keeps some of them out. */
const CHURN =
  /^k8s:(job-name|batch\.kubernetes\.io\/job-name|controller-uid|batch\.kubernetes\.io\/controller-uid|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|pod-template-hash|pod-template-generation|controller-revision-hash|workflows\.argoproj\.io\/workflow)$/;

export const policyBudget: PreflightCheck = {
  number: 24,
  id: 'policy-budget',
  title: 'Policy maps and identities have room',
  severity: 'error',
  subsystem: 'policies',
  gates: [2],
  acknowledge: [],
  why: 'Each pod has a map of so many entries, one for each identity and port that rules name. When it is full, what does not fit is dropped; labels that are new for every run fill it, and the identities of the cluster too.',
  fix: 'Select by fewer, wider selectors, take labels that change often out of identities (labels), or raise bpf.policyMapMax.',
  links: [
    ...threads('46189', '28450', '28337', '18581', '27866', '8060'),
    ciliumDocs('eBPF maps', 'network/ebpf/maps/'),
    ciliumDocs('Limiting identity-relevant labels', 'operations/performance/scalability/identity-relevant-labels/'),
  ],
  needs: ['policies', 'pods', 'identities', 'values', 'cilium-config'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    if (!view.lint.world) return unknownWithout('pods');
    const max = inputs.settings.number('bpf.policyMapMax');
    if (max === undefined) return unknownWithout('values', 'cilium-config');
    if (!(max >= LEAST_MAP))
      return outcomeOf([
        fail(inputs.settings.nameOf('bpf.policyMapMax'), `it is ${max}: agents do not start with less than ${LEAST_MAP}`),
      ]);
    const full = ruleFindings(policyMapBudget, view.lint, (severity) => (severity === 'error' ? 'fail' : 'pass'));
    const room =
      full.length === 0
        ? [note(inputs.settings.nameOf('bpf.policyMapMax'), `no pod needs half of its ${max.toLocaleString('en-US')} entries`)]
        : [];
    return inputs.objects.known('CiliumIdentity')
      ? outcomeOf([...full, ...room, ...identities(inputs)])
      : outcomeOf([...full, ...room], ['identities']);
  },
};

function identities({ objects }: PreflightInputs): PreflightFinding[] {
  const all = objects.all('CiliumIdentity');
  const share = all.length / MOST_IDENTITIES;
  const text = `${counted(all.length, 'identity', 'identities')} of ${MOST_IDENTITIES.toLocaleString('en-US')}`;
  return [
    share >= BLOCK ? fail('identities', text) : note('identities', share >= WARN ? `${text}: more than half` : text),
    ...churn(all),
  ];
}

/** Labels by which identities multiply. */
function churn(all: ReturnType<PreflightInputs['objects']['all']>): PreflightFinding[] {
  const values = new Map<string, Set<string>>();
  for (const { json } of all)
    for (const [key, value] of Object.entries(labelsOf(own(json, 'security-labels'))))
      if (CHURN.test(key)) values.set(key, (values.get(key) ?? new Set()).add(value));
  return [...values]
    .filter(([, seen]) => seen.size > 10)
    .toSorted(([, a], [, b]) => b.size - a.size)
    .map(([key, seen]) =>
      note(`label ${key}`, `it makes an identity for each of ${counted(seen.size, 'value')}: keep it out of identities (labels)`),
    );
}
