// Threads: cilium/cilium #46608 (1.16 to 1.19 in one step), #12308; upgrade notes of 1.20.
import { removedParser } from '#lib/policy/lint/rules/on-its-way-out.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part } from '#lib/world/object.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { policyView, ruleFindings } from '../policy-view.ts';
import { advisoriesOf, BEHAVIOUR_CHANGES, factsOfVersion, removedOptions } from '../version-facts.ts';
import { compareVersions, isAtLeast, minorText, parseVersion, type Version, versionText } from '../versions.ts';

export const upgrade: PreflightCheck = {
  number: 26,
  id: 'upgrade',
  title: 'Upgrades without skipping, and without what is gone',
  severity: 'error',
  subsystem: 'upgrade',
  gates: [],
  acknowledge: [3],
  why: 'Only the step from one minor version to the next is tested. The chart takes options that are gone without a word, the agents refuse rules whose parser is gone, and nodes or control planes may be too old for the new version.',
  fix: 'Go one minor version at a time, by its newest patch release, with the upgrade notes of each read and leftover options taken out.',
  links: [...threads('46608', '12308'), ciliumDocs('Upgrade guide', 'operations/upgrade/')],
  needs: ['version', 'target-version', 'values', 'cilium-config', 'policies', 'nodes'],
  decide(inputs) {
    const [from, to] = [parseVersion(inputs.version ?? ''), parseVersion(inputs.target ?? '')];
    if (!from || !to)
      return unknownWithout(...(from ? [] : (['version'] as const)), ...(to ? [] : (['target-version'] as const)));
    const missing: InputName[] = [];
    const findings = [
      ...step(from, to),
      ...weaknesses(from, to),
      ...leftovers(inputs, to, missing),
      ...parsers(inputs, to, missing),
      ...nodes(inputs, to, missing),
      ...changes(from, to),
    ];
    return outcomeOf(findings, missing);
  },
};

function step(from: Version, to: Version): PreflightFinding[] {
  const name = `${versionText(from)} to ${versionText(to)}`;
  if (from.major !== to.major) return [fail(name, 'this is another major version: no such step is tested')];
  const minors = to.minor - from.minor;
  if (minors > 1)
    return [
      fail(
        name,
        `it skips ${minors - 1} minor version${minors === 2 ? '' : 's'}: only the step to ${from.major}.${from.minor + 1} is tested`,
      ),
    ];
  if (minors < -1) return [fail(name, 'it goes back by more than one minor version: only one is tested')];
  return [note(name, compareVersions(to, from) === 0 ? 'this is what runs' : 'a step that is tested')];
}

function weaknesses(from: Version, to: Version): PreflightFinding[] {
  const ahead = advisoriesOf(to);
  const open = new Set(ahead.map(({ id }) => id));
  return [
    ...ahead.map(({ id, title }) => fail(id, `${versionText(to)} has it: ${title}`, 'Go to a newer patch release.')),
    ...advisoriesOf(from)
      .filter(({ id }) => !open.has(id))
      .map(({ id, title }) => note(id, `${versionText(from)} has it, ${versionText(to)} no longer: ${title}`)),
  ];
}

/** Options in use that the new version does not have. */
function leftovers({ values, ciliumConfig }: PreflightInputs, to: Version, missing: InputName[]): PreflightFinding[] {
  if (!values && !ciliumConfig) missing.push('values', 'cilium-config');
  const isSet = ({ path, key }: { readonly path?: string; readonly key?: string }): boolean =>
    (path !== undefined && (values?.get(path) ?? undefined) !== undefined) ||
    (key !== undefined && (ciliumConfig?.has(key) ?? false));
  return removedOptions(to, isSet).map(({ path, key, removedIn, instead }) => {
    const name =
      path !== undefined && values?.get(path) !== undefined ? `values: ${path}` : `cilium-config: ${key ?? path ?? ''}`;
    return fail(
      name,
      `it is gone since ${removedIn}, and ignored without a word`,
      instead === '' ? 'Take it out.' : `Use ${instead}.`,
    );
  });
}

function parsers(inputs: PreflightInputs, to: Version, missing: InputName[]): PreflightFinding[] {
  if (!isAtLeast({ ...to, pre: '' }, '1.20')) return [];
  const view = policyView(inputs);
  if (view) return ruleFindings(removedParser, view.lint);
  missing.push('policies');
  return [];
}

function nodes({ objects }: PreflightInputs, to: Version, missing: InputName[]): PreflightFinding[] {
  const facts = factsOfVersion(to);
  if (!facts) return [unknown(versionText(to), 'what it needs is not known to this console')];
  if (!objects.known('Node')) {
    missing.push('nodes');
    return [];
  }
  const { from, to: newest } = facts.kubernetes;
  return objects.all('Node').flatMap(({ name, json }) => {
    const info = part(part(json, 'status'), 'nodeInfo');
    const kernel = parseVersion(objectText(own(info, 'kernelVersion')));
    const kubelet = parseVersion(objectText(own(info, 'kubeletVersion')));
    const node = `Node ${name}`;
    if (!kernel || !kubelet) return [unknown(node, 'its kernel or Kubernetes version is not known')];
    return [
      ...(isAtLeast(kernel, facts.kernel)
        ? []
        : [fail(node, `its kernel ${versionText(kernel)} is older than ${facts.kernel}, which ${minorText(to)} needs`)]),
      ...(isAtLeast(kubelet, from) && !isAtLeast(kubelet, nextMinor(newest))
        ? []
        : [fail(node, `Kubernetes ${minorText(kubelet)} is outside ${from} to ${newest}, for which ${minorText(to)} is made`)]),
    ];
  });
}

function nextMinor(text: string): string {
  const [major = '', minor = ''] = text.split('.');
  return `${major}.${Number(minor) + 1}`;
}

/** What else changes on the way. */
const changes = (from: Version, to: Version): PreflightFinding[] =>
  BEHAVIOUR_CHANGES.filter(({ since }) => !isAtLeast({ ...from, pre: '' }, since) && isAtLeast({ ...to, pre: '' }, since)).map(
    ({ since, what }) => note(`Cilium ${since}`, what),
  );
