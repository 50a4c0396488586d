import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { own } from '#lib/world/object.ts';
import { CHART_SETTINGS } from '../chart-settings.ts';
import { helmValues } from '../helm-values.ts';
import type { HelmValues } from '../inputs.ts';
import { read, type Reading, unreadable } from './reading.ts';
import { readYamlText } from './yaml-text.ts';

/** Helm values of the chart `cilium` as YAML or JSON, e.g. of `helm get values cilium -n kube-system -o yaml`. */
export function readHelmValues(text: string): Reading<HelmValues> {
  const documents = readYamlText(text);
  if (!documents.ok) return documents;
  const [first, second] = documents.value;
  if (second !== undefined) return unreadable('values are one document; this file has several');
  const record = recordOf(first);
  if (!record) return unreadable(first === undefined ? 'the file is empty' : 'values are a mapping of settings');
  const kind = own(record, 'kind');
  if (typeof kind === 'string' && typeof own(record, 'apiVersion') === 'string')
    return unreadable(
      kind === 'Application'
        ? 'this is an Argo CD Application: provide it as such'
        : `this is a Kubernetes object (${kind.slice(0, 60)}), not Helm values`,
    );
  return read(helmValues(ofChart(record)));
}

/** Keys at the top of the chart's values that are known here. */
const TOP_KEYS: ReadonlySet<string> = new Set(CHART_SETTINGS.map(({ path }) => path.split('.')[0] ?? ''));

/** Values of a chart that has Cilium's as a dependency stand below its name. */
function ofChart(record: JsonRecord): JsonRecord {
  const below = recordOf(own(record, 'cilium'));
  return below && !Object.keys(record).some((key) => TOP_KEYS.has(key)) ? below : record;
}
