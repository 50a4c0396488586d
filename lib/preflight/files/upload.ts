import type { UploadKind } from '#lib/migration/model.ts';
import { counted } from '#lib/policy/lint/words.ts';
import type { AgentConf, CiliumStatus, EncryptionStatus, HelmValues, SpireEntry } from '../inputs.ts';
import { readAgentConf } from './agent-conf.ts';
import { type ApplicationFile, readApplication } from './application.ts';
import { readCiliumStatus } from './cilium-status.ts';
import { readEncryptionStatus } from './encryption-status.ts';
import { readHelmValues } from './helm-values.ts';
import { type Iperf3Report, readIperf3 } from './iperf3.ts';
import { type JUnitReport, readJUnit } from './junit.ts';
import { read, type Reading } from './reading.ts';
import { readSpireEntries } from './spire-entries.ts';

/** A file of evidence, read. Objects of the cluster are read where they are kept (`lib/kubernetes/documents.ts`). */
export type UploadContent =
  | { readonly kind: 'helm-values'; readonly values: HelmValues }
  | { readonly kind: 'argocd-application'; readonly application: ApplicationFile }
  | { readonly kind: 'cilium-status'; readonly status: CiliumStatus }
  | { readonly kind: 'encryption-status'; readonly encryption: EncryptionStatus }
  | { readonly kind: 'agent-conf'; readonly conf: AgentConf }
  | { readonly kind: 'spire-entries'; readonly entries: readonly SpireEntry[] }
  | { readonly kind: 'connectivity-junit'; readonly report: JUnitReport }
  | { readonly kind: 'iperf3-before' | 'iperf3-after'; readonly report: Iperf3Report };

/** Reads a file that is of this kind: all of it or nothing. */
export function readUpload(kind: Exclude<UploadKind, 'objects'>, text: string): Reading<UploadContent> {
  switch (kind) {
    case 'helm-values':
      return map(readHelmValues(text), (values) => ({ kind, values }));
    case 'argocd-application':
      return map(readApplication(text), (application) => ({ kind, application }));
    case 'cilium-status':
      return map(readCiliumStatus(text), (status) => ({ kind, status }));
    case 'encryption-status':
      return map(readEncryptionStatus(text), (encryption) => ({ kind, encryption }));
    case 'agent-conf':
      return map(readAgentConf(text), (conf) => ({ kind, conf }));
    case 'spire-entries':
      return map(readSpireEntries(text), (entries) => ({ kind, entries }));
    case 'connectivity-junit':
      return map(readJUnit(text), (report) => ({ kind, report }));
    case 'iperf3-before':
    case 'iperf3-after':
      return map(readIperf3(text), (report) => ({ kind, report }));
  }
}

/** What was read of it, for a list of files: `77 tests, 75 passed, 2 failed`. */
export function uploadSummary(content: UploadContent): string {
  switch (content.kind) {
    case 'helm-values':
      return counted(Object.keys(content.values.json).length, 'setting at the top', 'settings at the top');
    case 'argocd-application':
      return [content.application.name, content.application.targetRevision].filter(Boolean).join(', chart ') || 'an Application';
    case 'cilium-status': {
      const { pods, agents } = content.status;
      const managed = pods ? `, ${pods.managed} of ${counted(pods.all, 'pod')} managed` : '';
      return `${counted(agents.length, 'agent')}${managed}`;
    }
    case 'encryption-status': {
      const { wireGuard, nodes, ipsec } = content.encryption;
      return `${wireGuard > 0 || ipsec === 0 ? `WireGuard on ${wireGuard}` : `IPsec on ${ipsec}`} of ${counted(nodes, 'node')}`;
    }
    case 'agent-conf':
      return content.conf.trustDomain === '' ? 'no trust domain' : `trust domain ${content.conf.trustDomain}`;
    case 'spire-entries':
      return counted(content.entries.length, 'entry', 'entries');
    case 'connectivity-junit': {
      const { tests, passed, failed, skipped } = content.report;
      return `${counted(tests, 'test')}, ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    }
    case 'iperf3-before':
    case 'iperf3-after': {
      const { bitsPerSecond, protocol, mss } = content.report;
      return `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s ${protocol}${mss === undefined ? '' : `, MSS ${mss}`}`;
    }
  }
}

const map = <A, B>(reading: Reading<A>, to: (value: A) => B): Reading<B> => (reading.ok ? read(to(reading.value)) : reading);
