import { expect, test } from 'vitest';
import { aKubePod, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { admissionWebhooks } from './23-admission-webhooks.ts';

const webhook = (clientConfig: object, failurePolicy = 'Fail', name = 'judge') => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [{ name: 'v.example.com', clientConfig, failurePolicy }],
});
const byService = { service: { namespace: 'shop', name: 'judge' } };
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'judge', namespace: 'shop' },
  spec: { selector: { app: 'judge' } },
};
const pod = (hostNetwork: boolean) => aKubePod('judge-0', { labels: { app: 'judge' }, spec: { hostNetwork } });
const OVERLAY = { 'routing-mode': 'tunnel', ipam: 'cluster-pool' };
const known = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'APIService', 'Service', 'Pod'];
const of = (given: Given) => decided(admissionWebhooks, { config: OVERLAY, known, ...given });

test('passes where pods have addresses of the VPC', () => {
  expect(of({ config: {}, values: { eni: { enabled: true } }, objects: [webhook(byService), service, pod(false)] }).status).toBe(
    'pass',
  );
  expect(of({ values: { cni: { chainingMode: 'aws-cni' } } }).status).toBe('pass');
});

test('passes where webhooks are outside the overlay, or on the host’s network', () => {
  expect(of({ objects: [webhook({ url: 'https://127.0.0.1:23443/mutate' })] }).status).toBe('pass');
  expect(of({ objects: [webhook(byService), service, pod(true)] }).status).toBe('pass');
});

test('fails where a pod in the overlay is asked, and says what becomes of requests', () => {
  const objects = (policy: string) => [webhook(byService, policy), service, pod(false)];
  expect(told(of({ objects: objects('Fail') }), 'fail')).toEqual([
    'ValidatingWebhookConfiguration judge: the API server calls shop/judge, whose Pod judge-0 has an overlay address: what it judges cannot be created or changed',
  ]);
  expect(told(of({ objects: objects('Ignore') }), 'fail').join()).toContain('skipped after its time-out');
});

test('fails for an aggregated API in the same way', () => {
  const api = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: { service: { namespace: 'shop', name: 'judge' } },
  };
  expect(told(of({ objects: [api, service, pod(false)] }), 'fail').join()).toContain('APIService v1beta1.metrics.k8s.io');
});

test('is unknown without settings, without webhooks, and where nobody backs the service', () => {
  expect(decided(admissionWebhooks, {})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(decided(admissionWebhooks, { config: OVERLAY })).toMatchObject({
    status: 'unknown',
    missing: ['webhooks', 'api-services'],
  });
  const few = known.slice(0, 3);
  expect(of({ known: few, objects: [webhook(byService)] })).toMatchObject({ status: 'unknown', missing: ['services', 'pods'] });
  expect(of({ objects: [webhook(byService), service] }).status).toBe('unknown');
  expect(of({ objects: [webhook(byService)] }).status).toBe('unknown');
});

test('reads hostile objects', () => {
  const odd = { ...webhook({ service: { namespace: HOSTILE, name: '__proto__' } }, HOSTILE, HOSTILE) };
  expect(of({ objects: [odd, { ...webhook(byService), webhooks: 'none' }] }).status).toBe('unknown');
});
