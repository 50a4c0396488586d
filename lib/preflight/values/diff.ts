import { createTwoFilesPatch } from 'diff';
import type { JsonRecord } from '#lib/flow/json-record.ts';
import type { CurrentValues, GeneratedValues, Setting } from './model.ts';
import { inOrderOf, leafText, leavesOf, valuesWith } from './tree.ts';
import { plainYaml } from './yaml.ts';

const MOST_CHANGES = 2000;
const MOST_EDITS = 20_000;

/** What `values` change of what runs. `kept` is what runs, without its secrets. */
export function diffOf(
  values: JsonRecord,
  settings: readonly Setting[],
  current: CurrentValues,
  kept: JsonRecord,
): NonNullable<GeneratedValues['diff']> {
  const before = current.kind === 'values' ? kept : asValues(settings, current.setting);
  const after = current.kind === 'values' ? values : valuesWith(comparable(settings, current.setting));
  const [from, to] = [leavesOf(before), leavesOf(after)];
  const changes = [...new Set([...from.keys(), ...to.keys()])]
    .map((path) => ({ path, from: from.get(path), to: to.get(path) }))
    .filter((change) => change.from !== change.to)
    .slice(0, MOST_CHANGES)
    .map(({ path, ...sides }) => ({
      path,
      ...(sides.from !== undefined && { from: sides.from }),
      ...(sides.to !== undefined && { to: sides.to }),
    }));
  return { against: current.against, changes, text: changes.length === 0 ? '' : patch(inOrderOf(before, after), after) };
}

/** cilium-config tells settings one by one: those that it knows are compared, the others are not. */
const comparable = (settings: readonly Setting[], said: (path: string) => unknown): Setting[] =>
  settings.filter(({ path }) => known(said(path)));

const asValues = (settings: readonly Setting[], said: (path: string) => unknown): JsonRecord =>
  valuesWith(comparable(settings, said).map((setting) => ({ ...setting, value: typed(said(setting.path), setting) })));

/** The text of a ConfigMap in the type that the value has here. */
function typed(value: unknown, { value: like }: Setting): Setting['value'] {
  const text = leafText(value);
  if (typeof like === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return typeof like === 'number' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

const known = (value: unknown): boolean => value !== undefined && value !== null;

function patch(before: JsonRecord, after: JsonRecord): string {
  const text = createTwoFilesPatch('running', 'generated', plainYaml(before), plainYaml(after), '', '', {
    context: 3,
    maxEditLength: MOST_EDITS,
  });
  return text?.replace(/^=+\n/, '') ?? '';
}
