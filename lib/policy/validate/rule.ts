import type { AgentConfig } from '../model.ts';
import { SECTIONS } from '../schema/cnp.ts';
import { at, type Path } from '../schema/path.ts';
import { checkPeers } from './peers.ts';
import { checkIcmps, checkPorts } from './ports.ts';
import { isRecord, listOf, type Problems, recordOf } from '../schema/problems.ts';
import { checkSelector } from './selector.ts';

/** What the agent refuses of one rule: `spec` or an element of `specs`. Source: Cilium pkg/policy/api/rule_validation.go. */
export function checkRule(
  value: unknown,
  path: Path,
  config: AgentConfig,
  problems: Problems,
  { isClusterwide }: { isClusterwide: boolean },
): void {
  const rule = recordOf(value);
  checkSubject(rule, path, isClusterwide, problems);
  if (SECTIONS.every((section) => listOf(rule[section]).length === 0))
    problems.add('engine', 'no-rules', path, 'has no entry in ingress, ingressDeny, egress or egressDeny');
  const isHost = Object.hasOwn(rule, 'nodeSelector');
  for (const section of SECTIONS) {
    const direction = section.startsWith('ingress') ? 'ingress' : 'egress';
    const entry = { direction, isDeny: section.endsWith('Deny'), isHost, config } as const;
    for (const [index, item] of listOf(rule[section]).entries()) {
      const place = at(at(path, section), index);
      const fields = recordOf(item);
      checkPeers(fields, place, entry, problems);
      const ports = listOf(fields['toPorts']);
      for (const [position, ports_] of ports.entries()) checkPorts(ports_, at(at(place, 'toPorts'), position), entry, problems);
      if (ports.length > 0 && listOf(fields['icmps']).length > 0)
        problems.add('engine', 'icmp-with-ports', place, 'icmps and toPorts cannot stand in one entry: make an entry of each');
      checkIcmps(fields['icmps'], at(place, 'icmps'), problems);
    }
  }
}

/** The agent reads a `null` selector as one without requirements, so it counts as given. */
function checkSubject(rule: Readonly<Record<string, unknown>>, path: Path, isClusterwide: boolean, problems: Problems): void {
  const given = ['endpointSelector', 'nodeSelector'].filter((field) => Object.hasOwn(rule, field));
  if (given.length === 0)
    problems.add('engine', 'no-subject', path, 'needs an endpointSelector or a nodeSelector: it says to whom the rule applies');
  if (given.length === 2) problems.add('engine', 'two-subjects', path, 'may have only one of endpointSelector and nodeSelector');
  if (!isClusterwide && given.includes('nodeSelector'))
    problems.add(
      'engine',
      'node-selector-in-namespaced',
      at(path, 'nodeSelector'),
      'nodeSelector is possible in a CiliumClusterwideNetworkPolicy only',
    );
  for (const field of given) if (isRecord(rule[field])) checkSelector(rule[field], at(path, field), problems);
}
