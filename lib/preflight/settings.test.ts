import { describe, expect, test } from 'vitest';
import { helmValues } from './helm-values.ts';
import { settingsOf } from './settings.ts';

const byValues = (json: Record<string, unknown>) => settingsOf({ values: helmValues(json) });
const byConfig = (data: Record<string, string>) => settingsOf({ ciliumConfig: new Map(Object.entries(data)) });

test.each([
  ['cni.chainingMode', { cni: { chainingMode: 'aws-cni' } }, { 'cni-chaining-mode': 'aws-cni' }, 'aws-cni'],
  ['encryption.type', { encryption: { enabled: true, type: 'wireguard' } }, { 'enable-wireguard': 'true' }, 'wireguard'],
  ['encryption.type', { encryption: { enabled: true, type: 'ztunnel' } }, { 'enable-ztunnel': 'true' }, 'ztunnel'],
  ['ipam.mode', { ipam: { mode: 'eni' } }, { ipam: 'eni' }, 'eni'],
  ['ipam.mode', { eni: { enabled: true } }, { ipam: 'eni' }, 'eni'],
  ['hubble.tls.enabled', { hubble: { tls: { enabled: false } } }, { 'hubble-disable-tls': 'true' }, 'false'],
  ['bpf.policyMapMax', { bpf: { policyMapMax: 32_768 } }, { 'bpf-policy-map-max': '32768' }, '32768'],
  [
    'operator.unmanagedPodWatcher.restart',
    { operator: { unmanagedPodWatcher: { restart: false } } },
    { 'unmanaged-pod-watcher-interval': '0s' },
    'false',
  ],
])('%s is read from values and from cilium-config alike', (path, values, config, text) => {
  expect(byValues(values).text(path)).toBe(text);
  expect(byConfig(config).text(path)).toBe(text);
});

test('what nobody sets is the chart’s default, also where that depends on other settings', () => {
  for (const settings of [byValues({}), byConfig({})]) {
    expect(settings.text('cni.chainingMode')).toBe('none');
    expect(settings.flag('encryption.enabled')).toBe(false);
    expect(settings.number('hubble.eventBufferCapacity')).toBe(4095);
    expect(settings.flag('bpf.hostLegacyRouting')).toBe(false);
    expect(settings.text('routingMode')).toBe('tunnel');
    expect(settings.isSet('cni.chainingMode')).toBe(false);
  }
  expect(byValues({ cni: { chainingMode: 'aws-cni' } }).flag('bpf.hostLegacyRouting')).toBe(true);
  expect(byValues({ eni: { enabled: true } }).text('routingMode')).toBe('native');
});

test('values outweigh cilium-config, which is what runs', () => {
  const both = settingsOf({ values: helmValues({ MTU: 1500 }), ciliumConfig: new Map([['mtu', '9001']]) });
  expect([both.source, both.number('MTU'), both.nameOf('MTU')]).toEqual(['values', 1500, 'values: MTU']);
  expect(byConfig({ mtu: '9001' }).nameOf('MTU')).toBe('cilium-config: mtu');
});

test('an option that cilium-config does not hold is not known from there', () => {
  expect(byConfig({}).text('k8sServiceHost')).toBeUndefined();
  expect(byValues({}).text('k8sServiceHost')).toBe('');
});

test('values may name an agent’s option below extraConfig', () => {
  expect(byValues({ extraConfig: { 'node-encryption-opt-out-labels': 'a=b' } }).list('nodeEncryptionOptOutLabels')).toEqual([
    'a=b',
  ]);
});

test('without a source nothing is known', () => {
  const nothing = settingsOf({});
  expect([
    nothing.text('cni.chainingMode'),
    nothing.flag('hubble.enabled'),
    nothing.number('MTU'),
    nothing.list('labels'),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});

describe('odd values', () => {
  test('are not taken for what they are not', () => {
    const odd = byValues({ encryption: { enabled: 'yes', type: { a: 1 } }, MTU: 'large', cni: 7, bpf: null, hubble: [] });
    expect(odd.flag('encryption.enabled')).toBeUndefined();
    expect(odd.text('encryption.type')).toBeUndefined();
    expect(odd.number('MTU')).toBeUndefined();
    expect(odd.text('cni.chainingMode')).toBe('none');
  });

  test('lists are items or words', () => {
    expect(byValues({ bpf: { vlanBypass: [0, 7] } }).list('bpf.vlanBypass')).toEqual(['0', '7']);
    expect(byConfig({ 'vlan-bpf-bypass': '0, 7' }).list('bpf.vlanBypass')).toEqual(['0', '7']);
    expect(byValues({ egressMasqueradeInterfaces: 'eth+ ens+' }).list('egressMasqueradeInterfaces')).toEqual(['eth+', 'ens+']);
  });

  test('names of fields that every object has are no settings', () => {
    expect(byValues({}).text('constructor.name')).toBeUndefined();
    expect(byValues(JSON.parse('{"__proto__": {"x": "1"}}') as Record<string, unknown>).text('__proto__.x')).toBe('1');
  });
});
