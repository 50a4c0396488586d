import type { AgentConfig, PolicyKind, PolicyProblem } from './model.ts';
import { CILIUM_POLICY } from './schema/cnp.ts';
import { NETWORK_POLICY } from './schema/knp.ts';
import { at, type Path } from './schema/path.ts';
import { walk, type WalkLayers } from './schema/walk.ts';
import { checkNetworkPolicy } from './validate/knp.ts';
import { isRecord, listOf, Problems, recordOf, shown, textOf } from './schema/problems.ts';
import { checkRule } from './validate/rule.ts';

const CRD: WalkLayers = { form: ['schema', 'engine'], values: ['schema'] };
/** The form of a NetworkPolicy is the API server's own, not a CRD's: what does not decode cannot be enforced. */
const BUILT_IN: WalkLayers = { form: ['engine'], values: ['engine'] };

/**
 * All that is wrong with a policy object, as Cilium 1.19 would say. An object with a problem of layer `schema` never gets into a cluster; one with a
 * problem of layer `engine` is stored there and enforces nothing at all; `lint` is accepted, but not what was meant. In the order of the object's
 * fields, the form first; the same fault may be told by both layers.
 */
export function problemsOf(object: unknown, settings: AgentConfig = {}): PolicyProblem[] {
  const problems = new Problems();
  const kind = recordOf(object)['kind'];
  if (!isRecord(object) || !isPolicyKind(kind)) {
    problems.add(['schema', 'engine'], 'wrong-type', at(undefined, 'kind'), `${shown(kind)} is no kind of policy`);
  } else if (kind === 'NetworkPolicy') {
    walk(object, NETWORK_POLICY, undefined, BUILT_IN, problems);
    checkNetworkPolicy(object['spec'], SPEC, problems);
  } else {
    walk(object, CILIUM_POLICY, undefined, CRD, problems);
    checkCiliumPolicy(object, kind === 'CiliumClusterwideNetworkPolicy', settings, problems);
  }
  return problems.all;
}

const SPEC: Path = at(undefined, 'spec');

const isPolicyKind = (kind: unknown): kind is PolicyKind =>
  kind === 'CiliumNetworkPolicy' || kind === 'CiliumClusterwideNetworkPolicy' || kind === 'NetworkPolicy';

function checkCiliumPolicy(
  object: Readonly<Record<string, unknown>>,
  isClusterwide: boolean,
  settings: AgentConfig,
  problems: Problems,
): void {
  const { metadata, spec, specs } = object;
  if (textOf(recordOf(metadata)['name']) === '')
    problems.add('engine', 'no-name', at(at(undefined, 'metadata'), 'name'), 'the name is missing');
  if ((spec ?? null) === null && (specs ?? null) === null)
    problems.add('engine', 'no-spec', undefined, 'has neither spec nor specs: it enforces nothing');
  if (isRecord(spec)) checkRule(spec, SPEC, settings, problems, { isClusterwide });
  for (const [index, rule] of listOf(specs).entries())
    checkRule(rule, at(at(undefined, 'specs'), index), settings, problems, { isClusterwide });
}

/** Whether the agent enforces an object with these problems. */
export const isEnforced = (problems: readonly PolicyProblem[]): boolean => !problems.some(({ layer }) => layer === 'engine');
