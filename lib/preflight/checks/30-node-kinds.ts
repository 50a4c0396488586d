// AWS: alternate CNI plugins for Amazon EKS clusters (the VPC CNI is the only one that it supports on EC2 nodes); EKS Auto Mode; Fargate.
import { objectText } from '#lib/world/labels.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { KERNELS } from '../version-facts.ts';
import { isAtLeast, parseVersion, versionText } from '../versions.ts';

const COMPUTE = 'eks.amazonaws.com/compute-type';

export const nodeKinds: PreflightCheck = {
  number: 30,
  id: 'node-kinds',
  title: 'No nodes where Cilium cannot go',
  severity: 'error',
  subsystem: 'AWS',
  gates: [0],
  acknowledge: [],
  why: 'Fargate and EKS Auto Mode bring their own network, Windows nodes cannot run the agent: pods there are outside every policy. And AWS supports only its own VPC CNI on EC2 nodes: for Cilium one asks its community or a vendor.',
  fix: 'Move what needs policy to managed or self-managed Linux node groups, and write down who supports the network.',
  links: [
    {
      title: 'Alternate CNI plugins for EKS',
      url: 'https://docs.aws.amazon.com/eks/latest/userguide/alternate-cni-plugins.html',
    },
    { title: 'EKS Auto Mode', url: 'https://docs.aws.amazon.com/eks/latest/userguide/automode.html' },
    { title: 'Cilium: system requirements', url: 'https://docs.cilium.io/en/stable/operations/system_requirements/' },
  ],
  needs: ['nodes'],
  decide({ objects }) {
    if (!objects.known('Node')) return unknownWithout('nodes');
    const nodes = objects.all('Node');
    if (nodes.length === 0) return outcomeOf([unknown('nodes', 'there is no node yet: where Cilium will go is not known')]);
    return outcomeOf([
      ...nodes.flatMap(unfit),
      note('nodes', 'AWS supports VPC CNI only on EC2 nodes: who supports Cilium is for you to settle'),
    ]);
  },
};

function unfit({ name, labels, json }: WorldObject): PreflightFinding[] {
  const node = `Node ${name}`;
  const compute = Object.hasOwn(labels, COMPUTE) ? labels[COMPUTE] : '';
  const info = part(part(json, 'status'), 'nodeInfo');
  if (compute === 'fargate' || name.startsWith('fargate-'))
    return [fail(node, 'it is of Fargate: no agent runs there, and no policy reaches its pods')];
  if (compute === 'auto') return [fail(node, 'it is of EKS Auto Mode: its network is AWS’s own and cannot be replaced')];
  if (labels['kubernetes.io/os'] === 'windows' || own(info, 'operatingSystem') === 'windows')
    return [fail(node, 'it runs Windows: Cilium does not')];
  const kernel = parseVersion(objectText(own(info, 'kernelVersion')));
  const least = KERNELS.kubeProxyReplacement.least;
  return kernel && !isAtLeast(kernel, least)
    ? [fail(node, `its kernel ${versionText(kernel)} is older than ${least}, the least that Cilium starts on`)]
    : [];
}
