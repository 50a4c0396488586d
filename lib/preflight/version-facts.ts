import { compareVersions, minorText, parseVersion, type Version } from './versions.ts';

/** What a minor version of Cilium can do and needs. Kept as data: the checks and the generator of values read it, pages show its sources. */
export interface CiliumMinor {
  /** `1.19` */
  readonly minor: string;
  /** Kubernetes versions that it is supported on, both included. */
  readonly kubernetes: { readonly from: string; readonly to: string; readonly source: string; readonly note?: string };
  /** Oldest kernel that the agent starts on. */
  readonly kernel: string;
  /** Mutual authentication by SPIRE: beta, then on its way out. */
  readonly mutualAuth: 'available' | 'deprecated' | 'removed';
  /** Encryption by ztunnel (beta). */
  readonly ztunnel: boolean;
  /** API versions of CiliumNodeConfig that it serves, best first. */
  readonly nodeConfig: readonly ('v2' | 'v2alpha1')[];
  /** API versions of CiliumCIDRGroup that it serves, best first. */
  readonly cidrGroup: readonly ('v2' | 'v2alpha1')[];
  /** Default of `enableIPv4Masquerade` with ENI IPAM. */
  readonly eniMasquerade: boolean;
  /** The API server refuses a policy whose spec is empty (CEL rule of the CRD). */
  readonly refusesEmptySpec: boolean;
}

const UPGRADE = 'https://docs.cilium.io/en/stable/operations/upgrade/';
const compatibility = (minor: string): string => `https://docs.cilium.io/en/v${minor}/network/kubernetes/compatibility/`;

const both = ['v2', 'v2alpha1'] as const;

/** In their order. What lies before is as the first, what comes after is not known. */
export const CILIUM_MINORS: readonly CiliumMinor[] = [
  {
    minor: '1.14',
    kubernetes: { from: '1.16', to: '1.27', source: compatibility('1.14') },
    kernel: '4.19.57',
    mutualAuth: 'available',
    ztunnel: false,
    nodeConfig: ['v2alpha1'],
    cidrGroup: ['v2alpha1'],
    eniMasquerade: true,
    refusesEmptySpec: false,
  },
  {
    minor: '1.15',
    kubernetes: { from: '1.26', to: '1.29', source: compatibility('1.15') },
    kernel: '4.19.57',
    mutualAuth: 'available',
    ztunnel: false,
    nodeConfig: ['v2alpha1'],
    cidrGroup: ['v2alpha1'],
    eniMasquerade: true,
    refusesEmptySpec: false,
  },
  {
    minor: '1.16',
    kubernetes: { from: '1.27', to: '1.30', source: compatibility('1.16') },
    kernel: '4.19.57',
    mutualAuth: 'available',
    ztunnel: false,
    nodeConfig: both,
    cidrGroup: ['v2alpha1'],
    eniMasquerade: true,
    refusesEmptySpec: false,
  },
  {
    minor: '1.17',
    kubernetes: { from: '1.29', to: '1.32', source: compatibility('1.17') },
    kernel: '5.4',
    mutualAuth: 'available',
    ztunnel: false,
    nodeConfig: both,
    cidrGroup: ['v2alpha1'],
    eniMasquerade: true,
    refusesEmptySpec: false,
  },
  {
    minor: '1.18',
    kubernetes: { from: '1.30', to: '1.33', source: compatibility('1.18') },
    kernel: '5.10',
    mutualAuth: 'available',
    ztunnel: false,
    nodeConfig: both,
    cidrGroup: both,
    eniMasquerade: false,
    refusesEmptySpec: false,
  },
  {
    minor: '1.19',
    kubernetes: {
      from: '1.27',
      to: '1.32',
      source: compatibility('1.19'),
      note: 'as the platform’s own document has it; upstream runs its tests on the newer ones only',
    },
    kernel: '5.10',
    mutualAuth: 'available',
    ztunnel: true,
    nodeConfig: both,
    cidrGroup: both,
    eniMasquerade: false,
    refusesEmptySpec: false,
  },
  {
    minor: '1.20',
    kubernetes: { from: '1.32', to: '1.35', source: compatibility('1.20') },
    kernel: '5.10',
    mutualAuth: 'deprecated',
    ztunnel: true,
    nodeConfig: ['v2'],
    cidrGroup: both,
    eniMasquerade: false,
    refusesEmptySpec: true,
  },
  {
    minor: '1.21',
    kubernetes: { from: '1.33', to: '1.36', source: compatibility('latest') },
    kernel: '5.10',
    mutualAuth: 'removed',
    ztunnel: true,
    nodeConfig: ['v2'],
    cidrGroup: ['v2'],
    eniMasquerade: false,
    refusesEmptySpec: true,
  },
];

/** What is known of a version; undefined for one that is newer or older than all that are known. */
export function factsOfVersion(version: Version): CiliumMinor | undefined {
  const minor = minorText(version);
  return CILIUM_MINORS.find((facts) => facts.minor === minor);
}

/** Kernels that features need. Amazon Linux 2023 ships 6.1 or newer. */
export const KERNELS = {
  wireGuard: {
    least: '5.6',
    what: 'WireGuard',
    source: 'https://docs.cilium.io/en/stable/security/network/encryption-wireguard/',
  },
  hostRouting: {
    least: '5.10',
    what: 'eBPF host routing',
    source: 'https://docs.cilium.io/en/stable/operations/performance/tuning/#ebpf-host-routing',
  },
  kubeProxyReplacement: {
    least: '4.19.57',
    what: 'replacing kube-proxy',
    source: 'https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/',
  },
} as const;

/** An option that a version does not know any more. */
export interface RemovedOption {
  /** Path in the Helm values. */
  readonly path?: string;
  /** Key of cilium-config. */
  readonly key?: string;
  /** The minor version that does not have it any more. */
  readonly removedIn: string;
  /** What to use; empty where there is nothing. */
  readonly instead: string;
  readonly source: string;
}

const removed = (
  removedIn: string,
  names: readonly (readonly [Pick<RemovedOption, 'path' | 'key'>, string])[],
): RemovedOption[] =>
  names.map(([name, instead]) => ({
    ...name,
    removedIn,
    instead,
    source: `https://docs.cilium.io/en/v${removedIn}/operations/upgrade/`,
  }));

/** By the upgrade notes of each version. The chart takes unknown values without a word, so that a leftover is a setting that is gone. */
export const REMOVED_OPTIONS: readonly RemovedOption[] = [
  ...removed('1.15', [[{ path: 'tunnel' }, 'routingMode and tunnelProtocol']]),
  ...removed('1.16', [
    [{ path: 'encryption.keyFile' }, 'encryption.ipsec.keyFile'],
    [{ path: 'encryption.mountPath' }, 'encryption.ipsec.mountPath'],
    [{ path: 'encryption.secretName' }, 'encryption.ipsec.secretName'],
    [{ path: 'encryption.interface' }, 'encryption.ipsec.interface'],
    [{ path: 'proxy.prometheus' }, 'envoy.prometheus'],
    [{ path: 'proxy.sidecarImageRegex' }, ''],
    [{ path: 'endpointStatus' }, 'Cilium’s metrics'],
    [{ path: 'remoteNodeIdentity', key: 'enable-remote-node-identity' }, ''],
    [{ path: 'containerRuntime.integration' }, ''],
    [{ path: 'etcd.managed' }, 'an etcd of its own'],
    [{ key: 'sidecar-istio-proxy-image' }, ''],
    [{ key: 'install-egress-gateway-routes' }, ''],
  ]),
  ...removed('1.19', [
    [{ key: 'enable-node-port' }, 'kube-proxy-replacement: "true"'],
    [{ key: 'enable-host-port' }, 'kube-proxy-replacement: "true"'],
    [{ key: 'enable-external-ips' }, 'kube-proxy-replacement: "true"'],
    [{ key: 'enable-session-affinity' }, ''],
    [{ key: 'enable-internal-traffic-policy' }, ''],
    [{ key: 'enable-svc-source-range-check' }, ''],
    [{ key: 'enable-ipv4-egress-gateway' }, 'enable-egress-gateway'],
    [{ key: 'egress-multi-home-ip-rule-compat' }, 'let 1.18 migrate the rules first'],
    [{ key: 'l2-pod-announcements-interface' }, 'l2-pod-announcements-interface-pattern'],
    [{ key: 'enable-recorder' }, ''],
    [{ key: 'enable-custom-calls' }, ''],
    [{ key: 'bpf-lb-proto-diff' }, ''],
  ]),
  ...removed('1.20', [
    [{ path: 'encryption.strictMode.enabled', key: 'enable-encryption-strict-mode' }, 'encryption.strictMode.egress.enabled'],
    [{ path: 'encryption.strictMode.cidr', key: 'encryption-strict-mode-cidr' }, 'encryption.strictMode.egress.cidr'],
    [
      {
        path: 'encryption.strictMode.allowRemoteNodeIdentities',
        key: 'encryption-strict-mode-allow-remote-node-identities',
      },
      'encryption.strictMode.egress.allowRemoteNodeIdentities',
    ],
    [{ path: 'encryption.ipsec.encryptedOverlay', key: 'enable-ipsec-encrypted-overlay' }, ''],
    [{ path: 'clustermesh.enableMCSAPISupport' }, 'clustermesh.mcsapi.enabled'],
    [{ path: 'clustermesh.apiserver.tls.enableSecrets' }, 'secrets made beforehand, or automatic ones'],
    [{ path: 'hubble.redact.kafka.apiKey' }, ''],
    [{ path: 'preflight.tofqdnsPreCache' }, ''],
    [{ key: 'aws-pagination-enabled' }, 'aws-max-results-per-call'],
  ]),
];

/** Something else that changes with a version and breaks what people rely on. */
export interface BehaviourChange {
  readonly since: string;
  /** Words that are in use (a metric, a field) or a setting whose meaning changes. */
  readonly what: string;
  readonly source: string;
}

export const BEHAVIOUR_CHANGES: readonly BehaviourChange[] = [
  {
    since: '1.16',
    what: 'an empty list of peers (fromEndpoints: []) selects nobody instead of everybody',
    source: UPGRADE,
  },
  {
    since: '1.18',
    what: 'ENI IPAM no longer masquerades by default: nodes without a NAT gateway on their way out lose the internet',
    source: 'https://github.com/cilium/cilium/pull/38663',
  },
  {
    since: '1.19',
    what: 'selectors name endpoints of the local cluster only, unless a policy names clusters',
    source: 'https://docs.cilium.io/en/v1.19/operations/upgrade/',
  },
  {
    since: '1.19',
    what: '“**.” in a DNS pattern names all sub-domains, however deep',
    source: 'https://docs.cilium.io/en/v1.19/operations/upgrade/',
  },
  {
    since: '1.20',
    what: 'Kafka and l7proto rules are gone: policies with them are refused',
    source: 'https://docs.cilium.io/en/v1.20/operations/upgrade/',
  },
  {
    since: '1.20',
    what: 'egress policies judge traffic to NodePort services by their backends',
    source: 'https://docs.cilium.io/en/v1.20/operations/upgrade/',
  },
  {
    since: '1.20',
    what: 'metrics of IPAM have new names: alerts on the old ones fall silent',
    source: 'https://docs.cilium.io/en/v1.20/operations/upgrade/',
  },
];

/** A known weakness; the list comes with the console, nothing is looked up. */
export interface Advisory {
  readonly id: string;
  readonly title: string;
  /** First patch release without it, by minor version; a minor version that is not named and is older than these has no fix. */
  readonly fixed: readonly string[];
  /** Minor version in which it came; absent: all before. */
  readonly since?: string;
  readonly url: string;
}

const nvd = (id: string): string => `https://nvd.nist.gov/vuln/detail/${id}`;
const advisory = (id: string, title: string, fixed: readonly string[]): Advisory => ({ id, title, fixed, url: nvd(id) });

export const ADVISORIES: readonly Advisory[] = [
  advisory('CVE-2023-39347', 'labels of pods could be changed past what policies select', ['1.12.14', '1.13.7', '1.14.2']),
  advisory('CVE-2024-28248', 'HTTP policies were not enforced for some requests', ['1.13.13', '1.14.8', '1.15.2']),
  advisory('CVE-2024-28250', 'traffic to L7 proxies left nodes unencrypted with WireGuard', ['1.14.8', '1.15.2']),
  advisory('CVE-2024-42488', 'policies could miss a pod whose labels changed at a certain moment', ['1.14.14', '1.15.8']),
  advisory('CVE-2025-23028', 'a DNS answer of a certain form crashed the agent', ['1.14.18', '1.15.12', '1.16.5']),
  advisory('CVE-2025-30163', 'policies by nodes allowed pods on those nodes too', ['1.15.15', '1.16.8', '1.17.2']),
  advisory('CVE-2025-32793', 'packets of pods that end left nodes unencrypted with WireGuard', ['1.15.16', '1.16.9', '1.17.3']),
  advisory('CVE-2025-64715', 'policies with toGroups selected more than was meant', ['1.16.17', '1.17.10', '1.18.4']),
];

/** The advisories that a version has and its own newer patch releases have not, or no release of its minor version has. */
export function advisoriesOf(version: Version): Advisory[] {
  return ADVISORIES.filter(({ fixed }) => {
    const fixes = fixed.map(parseVersion).filter((fix) => fix !== undefined);
    const own = fixes.find(({ major, minor }) => major === version.major && minor === version.minor);
    if (own) return compareVersions(version, own) < 0;
    return fixes.every((fix) => compareVersions(version, fix) < 0);
  });
}

/** Options that `version` does not have any more, of those in use by `isSet`. */
export function removedOptions(
  version: Version,
  isSet: (option: Pick<RemovedOption, 'path' | 'key'>) => boolean,
): RemovedOption[] {
  return REMOVED_OPTIONS.filter((option) => {
    const gone = parseVersion(option.removedIn);
    return gone !== undefined && isSameMinorOrNewer(version, gone) && isSet(option);
  });
}

const isSameMinorOrNewer = (version: Version, minor: Version): boolean =>
  version.major > minor.major || (version.major === minor.major && version.minor >= minor.minor);
