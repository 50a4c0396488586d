import { Document, isMap, isScalar } from 'yaml';
import type { PolicyObject } from '#lib/policy/model.ts';
import { ciliumRule, labelSelector } from '#lib/policy/nearest-rule.ts';
import type { PodChoice } from '#lib/policy/nearest-labels.ts';
import type { SuggestedRule } from './rules.ts';

/** A policy to be written. A direction that is absent stays as it is; an empty list closes it. */
export interface SuggestedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly subject: PodChoice;
  readonly ingress?: readonly SuggestedRule[];
  readonly egress?: readonly SuggestedRule[];
}

/** The policy as an object of the API server. */
export function policyObject({ namespace, name, subject, ingress, egress }: SuggestedPolicy): PolicyObject {
  const rules = (side: readonly SuggestedRule[]) =>
    side.length > 0 ? side.map(({ rule }) => ciliumRule(rule, namespace)) : [{}];
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace },
    spec: {
      endpointSelector: labelSelector(subject.labels, subject.absent),
      ...(ingress && { ingress: rules(ingress) }),
      ...(egress && { egress: rules(egress) }),
    },
  };
}

/** The policy as YAML, with comments where a rule is not plain. */
export function policyYaml(policy: SuggestedPolicy): string {
  const { ingress, egress } = policy;
  const document = new Document(policyObject(policy), { aliasDuplicateObjects: false });
  for (const [direction, side] of [
    ['ingress', ingress],
    ['egress', egress],
  ] as const) {
    side?.forEach(({ comment }, index) => commentOn(document, ['spec', direction, index], comment));
    if (side?.length === 0)
      commentOn(
        document,
        ['spec', direction, 0],
        `nothing was seen ${direction === 'ingress' ? 'coming in' : 'going out'}: closed`,
      );
  }
  return document.toString({ lineWidth: 0 });
}

function commentOn(document: Document, path: readonly (string | number)[], comment: string): void {
  const node: unknown = document.getIn(path, true);
  if (comment !== '' && (isMap(node) || isScalar(node))) node.commentBefore = ` ${comment.replaceAll(/[^\x20-\x7e]/g, '?')}`;
}
