/** Tests of `cilium connectivity test` that such a cluster runs, and those that it skips for what it has not. */
const RUN = [
  'no-policies',
  'no-policies-extra',
  'allow-all-except-world',
  'client-ingress',
  'client-ingress-knp',
  'allow-all-with-metrics-check',
  'all-ingress-deny',
  'all-ingress-deny-knp',
  'all-egress-deny',
  'all-egress-deny-knp',
  'all-entities-deny',
  'cluster-entity',
  'host-entity-egress',
  'echo-ingress',
  'echo-ingress-knp',
  'client-ingress-icmp',
  'client-egress',
  'client-egress-knp',
  'client-egress-expression',
  'client-egress-expression-knp',
  'client-egress-to-echo-service-account',
  'to-entities-world',
  'to-cidr-external',
  'to-cidr-external-knp',
  'echo-ingress-from-other-client-deny',
  'client-ingress-from-other-client-icmp-deny',
  'client-egress-to-echo-deny',
  'client-ingress-to-echo-named-port-deny',
  'client-egress-to-echo-expression-deny',
  'client-egress-to-cidr-deny',
  'client-egress-to-cidr-deny-default',
  'health',
  'pod-to-pod-encryption',
  'echo-ingress-l7',
  'echo-ingress-l7-named-port',
  'client-egress-l7-method',
  'client-egress-l7',
  'client-egress-l7-named-port',
  'echo-ingress-mutual-auth-spiffe',
  'dns-only',
  'to-fqdns',
];
const SKIPPED = [
  'north-south-loadbalancing',
  'egress-gateway',
  'ingress-controller',
  'pod-to-node-cidrpolicy',
  'node-to-node-encryption',
  'local-redirect-policy',
  'host-firewall-ingress',
  'client-egress-tls-sni',
];

/** The file of `cilium connectivity test --junit-file`; `failed` names tests that failed. */
export function connectivityJUnit(at: number, failed: readonly string[] = []): string {
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const cases = [
    ...RUN.map((name) =>
      failed.includes(name)
        ? `    <testcase name="${name}" classname="connectivity test" status="failed" time="12.4">\n      <failure message="${name} failed" type="failure"></failure>\n    </testcase>`
        : `    <testcase name="${name}" classname="connectivity test" status="passed" time="4.1"></testcase>`,
    ),
    ...SKIPPED.map(
      (name) =>
        `    <testcase name="${name}" classname="connectivity test" status="skipped" time="0">\n      <skipped message="${name} skipped"></skipped>\n    </testcase>`,
    ),
  ];
  const tests = RUN.length + SKIPPED.length;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="${tests}" disabled="${SKIPPED.length}" errors="0" failures="${failed.length}" time="412.7">
  <testsuite name="connectivity test" id="0" package="cilium" tests="${tests}" disabled="0" errors="0" failures="${failed.length}" skipped="${SKIPPED.length}" time="412.7" timestamp="${time}">
    <properties>
      <property name="Args" value="cilium|connectivity|test|--junit-file|connectivity.xml"></property>
    </properties>
${cases.join('\n')}
  </testsuite>
</testsuites>
`;
}
