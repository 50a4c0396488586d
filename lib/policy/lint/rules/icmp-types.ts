// Cilium keeps the ICMP type where it keeps a port, and port 0 stands for all of them.
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const icmpTypes: LintRule = {
  id: 'icmp-types',
  severity: 'warning',
  title: 'has an ICMP type that means something else',
  why: 'The type is kept where a port is, and 0 stands for every port: EchoReply (0) of IPv4 admits all ICMP types. Types above 255 are accepted and never match.',
  fix: 'Leave EchoReply out: answers are let through by connection tracking. Use EchoRequest (8; 128 for IPv6) for pings.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer4/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - icmps:\n      - fields:\n          - type: EchoReply\n',
    good: 'endpointSelector: {}\ningress:\n  - icmps:\n      - fields:\n          - type: EchoRequest\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenEntries(context))
      for (const [index, item] of listOf(fields['icmps']).entries())
        for (const [position, field] of listOf(recordOf(item)['fields']).entries()) {
          const { type, family } = recordOf(field);
          const place = { policy: policy.ref, path: `${path}.icmps[${index}].fields[${position}].type` };
          if (type === 0 || type === '0' || (type === 'EchoReply' && family !== 'IPv6'))
            yield { ...place, message: `type ${String(type)} stands for every ICMP type` };
          else if (Number(type) > 255) yield { ...place, message: `type ${String(type)} never matches: ICMP types end at 255` };
        }
  },
};
