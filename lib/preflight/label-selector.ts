import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { Labels } from '#lib/policy/model.ts';

/** Whether a plain selector (`spec.selector` of a service, `nodeSelector`, `matchLabels`) selects these labels; an empty one selects nothing of a service. */
export function selectsLabels(selector: JsonRecord, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
