// Cilium: endPort at or below port is no range; host bits of a prefix are masked.
import { listOf, recordOf } from '../../schema/problems.ts';
import { hasHostBits, parsePrefix, portNumber } from '../../schema/words.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const endPortBelowPort: LintRule = {
  id: 'end-port-below-port',
  severity: 'warning',
  title: 'has a range of ports that is none',
  why: 'An endPort at or below the port is accepted, and the entry is for the single port.',
  fix: 'Let endPort be the higher number.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer4/#limit-ingress-egress-ports',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "9000"\n            endPort: 8000\n            protocol: TCP\n',
    good: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "8000"\n            endPort: 9000\n            protocol: TCP\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenEntries(context))
      for (const [index, item] of listOf(fields['toPorts']).entries())
        for (const [position, value] of listOf(recordOf(item)['ports']).entries()) {
          const { port, endPort } = recordOf(value);
          const first = typeof port === 'string' ? portNumber(port) : undefined;
          if (first !== undefined && typeof endPort === 'number' && endPort > 0 && endPort < first)
            yield {
              policy: policy.ref,
              path: `${path}.toPorts[${index}].ports[${position}].endPort`,
              message: `endPort ${endPort} is below port ${first}: only port ${first} is meant`,
            };
        }
  },
};

export const hostBits: LintRule = {
  id: 'host-bits',
  severity: 'note',
  title: 'has a prefix with more bits than its length',
  why: 'Bits behind the prefix length are masked: 10.0.0.5/8 is 10.0.0.0/8, not the single address.',
  fix: 'Write the prefix without them, or /32 (/128) for one address.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toCIDR: [203.0.113.5/24]\n',
    good: 'endpointSelector: {}\negress:\n  - toCIDR: [203.0.113.5/32]\n',
  },
  *check(context) {
    for (const { policy, path, fields, direction } of writtenEntries(context)) {
      const side = direction === 'ingress' ? 'from' : 'to';
      const texts = [
        ...listOf(fields[`${side}CIDR`]).map((text, index) => ({ text, path: `${path}.${side}CIDR[${index}]` })),
        ...listOf(fields[`${side}CIDRSet`]).map((item, index) => ({
          text: recordOf(item)['cidr'],
          path: `${path}.${side}CIDRSet[${index}].cidr`,
        })),
      ];
      for (const { text, path: where } of texts) {
        const prefix = typeof text === 'string' ? parsePrefix(text) : undefined;
        if (prefix && hasHostBits(prefix))
          yield { policy: policy.ref, path: where, message: `${String(text)} stands for the whole /${prefix.bits}` };
      }
    }
  },
};
