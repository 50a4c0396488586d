import { at, type Path } from '../schema/path.ts';
import { isServiceName, parsePrefix, portNumber } from '../schema/words.ts';
import { checkExceptions } from './peers.ts';
import { whyNoPort } from './ports.ts';
import { isRecord, listOf, type Problems, recordOf, shown, textOf } from '../schema/problems.ts';
import { checkSelector } from './selector.ts';

/** What the agent refuses of a Kubernetes NetworkPolicy, which it translates into a rule of its own. Source: Cilium pkg/k8s/network_policy.go. */
export function checkNetworkPolicy(spec: unknown, path: Path, problems: Problems): void {
  const fields = recordOf(spec);
  checkSelector(fields['podSelector'], at(path, 'podSelector'), problems, 'k8s');
  for (const [section, peerField] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [index, item] of listOf(fields[section]).entries()) {
      const place = at(at(path, section), index);
      const rule = recordOf(item);
      for (const [position, peer] of listOf(rule[peerField]).entries())
        checkPeer(peer, at(at(place, peerField), position), problems);
      for (const [position, port] of listOf(rule['ports']).entries()) checkPort(port, at(at(place, 'ports'), position), problems);
    }
}

function checkPeer(value: unknown, path: Path, problems: Problems): void {
  const { podSelector, namespaceSelector, ipBlock } = recordOf(value);
  checkSelector(podSelector, at(path, 'podSelector'), problems, 'k8s');
  checkSelector(namespaceSelector, at(path, 'namespaceSelector'), problems, 'k8s');
  if (!isRecord(ipBlock)) return;
  const place = at(path, 'ipBlock');
  const text = textOf(ipBlock['cidr']);
  if (text === undefined) return;
  const outer = parsePrefix(text);
  if (outer) checkExceptions(ipBlock['except'], outer, text, at(place, 'except'), problems);
  else problems.add('engine', 'bad-cidr', at(place, 'cidr'), `${shown(text)} is not an address with its prefix length`);
}

function checkPort(value: unknown, path: Path, problems: Problems): void {
  const { port, protocol } = recordOf(value);
  const name = textOf(protocol);
  if (name !== undefined && !['', 'TCP', 'UDP', 'SCTP'].includes(name.toUpperCase()))
    problems.add(
      'engine',
      'bad-knp-protocol',
      at(path, 'protocol'),
      `${shown(name)} is no protocol of a NetworkPolicy: TCP, UDP or SCTP`,
    );
  if (
    typeof port === 'number'
      ? port < 0 || port > 65_535
      : typeof port === 'string' && !isServiceName(port) && portNumber(port) === undefined
  )
    problems.add(
      'engine',
      'bad-port',
      at(path, 'port'),
      typeof port === 'number' ? `port ${port} is not between 0 and 65535` : whyNoPort(String(port)),
    );
}
