import { listOf } from '#lib/flow/json-record.ts';
import { CHART_SETTINGS, type ChartSetting } from './chart-settings.ts';
import type { HelmValues } from './inputs.ts';

/**
 * Settings of Cilium by their path in the Helm chart, whether Helm values or the ConfigMap `cilium-config` say them. What neither says is the chart's
 * default where the chart's setting is known (`chart-settings.ts`), and undefined where it is not.
 */
export interface Settings {
  /** Where they are from; undefined when neither is known: then every answer is undefined. */
  readonly source: 'values' | 'cilium-config' | undefined;
  /** As text: `true`, `16384`, `aws-cni`; empty when it is set to nothing. */
  readonly text: (path: string) => string | undefined;
  /** Undefined also for a text that is neither true nor false. */
  readonly flag: (path: string) => boolean | undefined;
  readonly number: (path: string) => number | undefined;
  /** Items of a list, or words of a text. */
  readonly list: (path: string) => readonly string[] | undefined;
  /** Whether it is said rather than a default. */
  readonly isSet: (path: string) => boolean;
  /** How to name it in a finding: `values: encryption.type`, `cilium-config: enable-wireguard`. */
  readonly nameOf: (path: string) => string;
}

export interface SettingSources {
  readonly values?: HelmValues | undefined;
  readonly ciliumConfig?: ReadonlyMap<string, string> | undefined;
}

/** Settings as the values say them or, without values, as the agents' configuration does. */
export function settingsOf({ values, ciliumConfig }: SettingSources): Settings {
  if (values) return settingsFrom('values', (path) => saidByValues(values, path));
  if (ciliumConfig) return settingsFrom('cilium-config', (path) => saidByConfig(ciliumConfig, path));
  return settingsFrom(undefined, () => undefined);
}

const DEFINITIONS = new Map<string, ChartSetting>(CHART_SETTINGS.map((setting) => [setting.path, setting]));

function settingsFrom(source: Settings['source'], said: (path: string) => unknown): Settings {
  const read = (path: string): unknown => {
    if (source === undefined) return undefined;
    const own = said(path);
    if (own !== undefined && own !== null) return own;
    const definition = DEFINITIONS.get(path);
    // An option that no key of cilium-config tells is not known from there.
    if (!definition || (source === 'cilium-config' && definition.key === undefined)) return undefined;
    const { byDefault } = definition;
    return typeof byDefault === 'function' ? byDefault(read) : byDefault;
  };
  const text = (path: string): string | undefined => {
    const value = read(path);
    if (typeof value === 'string') return value.trim();
    if (Array.isArray(value)) return value.map(String).join(' ');
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  };
  return {
    source,
    text,
    flag: (path) => flagOf(text(path)),
    number: (path) => numberOf(text(path)),
    list: (path) => {
      const value = read(path);
      if (Array.isArray(value)) return listOf(value).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
      return text(path)
        ?.split(/[\s,]+/)
        .filter(Boolean);
    },
    isSet: (path) => {
      const own = said(path);
      return own !== undefined && own !== null;
    },
    nameOf: (path) => {
      const key = DEFINITIONS.get(path)?.key;
      return source === 'cilium-config' && key !== undefined ? `cilium-config: ${key}` : `values: ${path}`;
    },
  };
}

/** Values may also name an agent's option itself, below `extraConfig`. */
function saidByValues(values: HelmValues, path: string): unknown {
  const own = values.get(path);
  const key = DEFINITIONS.get(path)?.key;
  return own ?? (key === undefined ? undefined : values.get(`extraConfig.${key}`));
}

function saidByConfig(config: ReadonlyMap<string, string>, path: string): unknown {
  const definition = DEFINITIONS.get(path);
  if (!definition?.key) return undefined;
  return definition.fromConfig ? definition.fromConfig(config) : config.get(definition.key);
}

/** As Go's `strconv.ParseBool` takes it. */
function flagOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|t|true)$/i.test(text)) return true;
  return /^(0|f|false)$/i.test(text) ? false : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  const number = text === undefined || text === '' || text.length > 24 ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}
