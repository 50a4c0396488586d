import { at, type Path } from '../schema/path.ts';
import { isLabelValue, isQualifiedName } from '../schema/words.ts';
import { listOf, type Problems, recordOf, shown, textOf } from '../schema/problems.ts';

/**
 * What the agent refuses of a label selector. A key may begin with its source (`k8s:app`, `reserved:host`); the agent puts a dot in place of the colon
 * and checks the whole as a Kubernetes label key, so the source counts for its length.
 * Source: Cilium pkg/policy/api/selector.go, pkg/k8s/slim (ValidateLabelSelector).
 */
export function checkSelector(value: unknown, path: Path, problems: Problems, source = 'any'): void {
  const selector = recordOf(value);
  for (const [key, wanted] of Object.entries(recordOf(selector['matchLabels']))) {
    const place = at(at(path, 'matchLabels'), key);
    checkKey(key, place, problems, source);
    checkValue(wanted, place, problems);
  }
  for (const [index, item] of listOf(selector['matchExpressions']).entries()) {
    const place = at(at(path, 'matchExpressions'), index);
    const { key, operator, values } = recordOf(item);
    checkKey(textOf(key), at(place, 'key'), problems, source);
    checkOperator(textOf(operator), listOf(values), place, problems);
    for (const [position, wanted] of listOf(values).entries()) checkValue(wanted, at(at(place, 'values'), position), problems);
  }
}

function checkOperator(operator: string | undefined, values: readonly unknown[], path: Path, problems: Problems): void {
  switch (operator) {
    case undefined:
      break;
    case 'In':
    case 'NotIn':
      if (values.length === 0) problems.add('engine', 'bad-selector', path, `${operator} needs at least one of values`);
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) problems.add('engine', 'bad-selector', path, `${operator} must not have values`);
      break;
    default:
      problems.add('engine', 'bad-selector', path, `${shown(operator)} is no operator: In, NotIn, Exists or DoesNotExist`);
  }
}

function checkKey(key: string | undefined, path: Path, problems: Problems, source: string): void {
  if (key === undefined) return;
  const colon = key.indexOf(':');
  const whole = colon > 0 ? `${key.slice(0, colon)}.${key.slice(colon + 1)}` : `${source}.${key}`;
  if (isQualifiedName(whole)) return;
  problems.add(
    'engine',
    'bad-selector',
    path,
    `${shown(key)} is not a label key: a name of at most 63 characters, after a DNS name and "/" or alone`,
  );
}

function checkValue(value: unknown, path: Path, problems: Problems): void {
  const text = textOf(value);
  if (text !== undefined && !isLabelValue(text))
    problems.add(
      'engine',
      'bad-selector',
      path,
      `${shown(text)} is not a label value: at most 63 letters, digits, "-", "_" and "."`,
    );
}
