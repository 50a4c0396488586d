import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { Labels } from '#lib/policy/model.ts';
import { labelsOf, objectText } from '#lib/world/labels.ts';
import { own, part, parts, textsIn, type WorldObject } from '#lib/world/object.ts';

/** The pod template of a DaemonSet. */
export const templateOf = ({ json }: WorldObject): JsonRecord | undefined => part(part(part(json, 'spec'), 'template'), 'spec');

export const containersOf = (podSpec: JsonRecord | undefined): readonly JsonRecord[] => [
  ...parts(podSpec, 'containers'),
  ...parts(podSpec, 'initContainers'),
];

/** Value of a variable of any of its containers; undefined where none has it. */
export function variableOf(podSpec: JsonRecord | undefined, name: string): string | undefined {
  const entry = containersOf(podSpec)
    .flatMap((container) => parts(container, 'env'))
    .find((each) => own(each, 'name') === name);
  return entry === undefined ? undefined : objectText(own(entry, 'value'));
}

/** Arguments of the container `name`: `--a=b` and `--a` alone. */
export function argumentsOf(podSpec: JsonRecord | undefined, name: string): readonly string[] | undefined {
  const container = containersOf(podSpec).find((each) => own(each, 'name') === name);
  return container && [...textsIn(container, 'command'), ...textsIn(container, 'args')];
}

/** Whether a pod of this spec may be scheduled onto a node with these labels, by node selector and required node affinity. Taints are not looked at. */
export function fitsNode(podSpec: JsonRecord | undefined, labels: Labels, nodeName: string): boolean {
  const selector = Object.entries(labelsOf(own(podSpec, 'nodeSelector')));
  if (!selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)) return false;
  const required = part(part(part(podSpec, 'affinity'), 'nodeAffinity'), 'requiredDuringSchedulingIgnoredDuringExecution');
  if (!required) return true;
  return parts(required, 'nodeSelectorTerms').some((term) => fitsTerm(term, labels, nodeName));
}

/** An empty term fits no node. */
function fitsTerm(term: JsonRecord, labels: Labels, nodeName: string): boolean {
  const expressions = parts(term, 'matchExpressions');
  const fields = parts(term, 'matchFields');
  return (
    expressions.length + fields.length > 0 &&
    expressions.every((expression) => fitsExpression(expression, labels)) &&
    fields.every((expression) => fitsExpression(expression, { 'metadata.name': nodeName }))
  );
}

function fitsExpression(expression: JsonRecord, labels: Labels): boolean {
  const key = objectText(own(expression, 'key'));
  const values = textsIn(expression, 'values');
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (own(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}
