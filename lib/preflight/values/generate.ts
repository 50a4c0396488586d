import { recordOf } from '#lib/policy/schema/problems.ts';
import { type RemovedOption, removedOptions } from '../version-facts.ts';
import { versionText } from '../versions.ts';
import { argoApplication } from './application.ts';
import { diffOf } from './diff.ts';
import { manifestsOf } from './manifests.ts';
import type { GeneratedValues, Setting, ValuesRequest } from './model.ts';
import { settingsOf } from './phases.ts';
import { Placeholders } from './placeholders.ts';
import { withoutSecrets } from './secrets.ts';
import { leafText, valueAt, valuesWith, withoutPath } from './tree.ts';
import { valuesYaml } from './yaml.ts';

const SECRETS = 'https://docs.cilium.io/en/stable/observability/hubble/configuration/tls/';

/**
 * Helm values and an Argo CD Application for a phase: what the phase and those before it set, over what runs. Each value says why it is there. What
 * runs is kept where no phase speaks of it, but for secrets and for options that the version does not have, which are left out and named.
 */
export function generateValues(request: ValuesRequest): GeneratedValues {
  const { phase, facts, target, current } = request;
  const names = new Placeholders(facts);
  const settings = settingsOf(request, names);
  const running = current?.kind === 'values' ? withoutSecrets(current.values) : { value: {}, paths: [] };
  const kept = recordOf(running.value);
  const gone = target ? removedOptions(target, ({ path }) => path !== undefined && valueAt(kept, path) !== undefined) : [];
  const usable = gone.reduce((left, { path = '' }) => withoutPath(left, path), kept);
  const values = valuesWith(settings, phase === 0 ? {} : usable);
  const version = names.fill('version', target && versionText(target));
  return {
    phase,
    version,
    values: valuesYaml(values, settings, header(request, version)),
    application: argoApplication(phase === 0 ? 'cilium-preflight' : 'cilium', version, values),
    manifests: manifestsOf(request),
    notes: [...settings.map(noteOf), ...running.paths.map(secretNote), ...gone.map(goneNote)],
    ...(current && { diff: diffOf(values, settings, current, kept) }),
    missing: names.missing,
  };
}

const noteOf = ({ path, value, why, url }: Setting): GeneratedValues['notes'][number] => ({
  path,
  value: leafText(value),
  why,
  ...(url !== undefined && { url }),
});

const secretNote = (path: string): GeneratedValues['notes'][number] => ({
  path: path.slice(0, 500),
  value: '',
  why: 'A secret stands here in what runs. It is left out: put it into a Secret, or let the chart make it.',
  url: SECRETS,
});

const goneNote = ({ path = '', removedIn, instead, source }: RemovedOption): GeneratedValues['notes'][number] => ({
  path,
  value: '',
  why: `It is gone since ${removedIn} and left out.${instead === '' ? '' : ` Use ${instead}.`}`,
  url: source,
});

const PHASE_NAMES = ['Prepare', 'Chaining', 'Network policies', 'Mutual auth and WireGuard', 'Full Cilium IPAM'] as const;

function header({ phase, choices, stage = 'begin' }: ValuesRequest, version: string): string {
  const way = phase === 3 ? `, method ${choices.method}` : phase === 4 ? `, route ${choices.route}` : '';
  const step = phase === 2 || phase === 4 ? (stage === 'begin' ? ', first step' : ', second step') : '';
  return `Helm values of Cilium ${version} for phase ${phase}, ${PHASE_NAMES[phase]}${way}${step}.`;
}
