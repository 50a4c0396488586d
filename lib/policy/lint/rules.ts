import type { LintRule } from './rule.ts';
import { apiServerIsWorld } from './rules/api-server-is-world.ts';
import { apiServerRefuses } from './rules/api-server-refuses.ts';
import { cidrNeverMatches } from './rules/cidr-never-matches.ts';
import { clusterwideEverything } from './rules/clusterwide-everything.ts';
import { contradiction } from './rules/contradiction.ts';
import { denyHost } from './rules/deny-host.ts';
import { denyOnly } from './rules/deny-only.ts';
import { duplicateName } from './rules/duplicate-name.ts';
import { egressNamedPort } from './rules/egress-named-port.ts';
import { emptyEntry } from './rules/empty-entry.ts';
import { emptyFqdns } from './rules/empty-fqdns.ts';
import { emptyPeerList } from './rules/empty-peer-list.ts';
import { dnsRuleMissesNames, fqdnWithoutDns } from './rules/fqdn-without-dns.ts';
import { httpBypassed } from './rules/http-bypassed.ts';
import { hostExpression, pathWithoutQuery } from './rules/http-expressions.ts';
import { icmpTypes } from './rules/icmp-types.ts';
import { inertDefaultDeny } from './rules/inert-default-deny.ts';
import { initInNamespaced } from './rules/init-in-namespaced.ts';
import { l7KindsOnOnePort } from './rules/l7-kinds-on-one-port.ts';
import { labelNotInIdentity } from './rules/label-not-in-identity.ts';
import { liftedByReserved, liftedNamespace } from './rules/lifted-defaults.ts';
import { peerMatchesNothing, subjectMatchesNothing } from './rules/matches-nothing.ts';
import { endPortBelowPort, hostBits } from './rules/numbers.ts';
import { mutualAuthDeprecated, removedParser } from './rules/on-its-way-out.ts';
import { openToTheWorld } from './rules/open-to-the-world.ts';
import { podIdentity } from './rules/pod-identity.ts';
import { policyMapBudget } from './rules/policy-map-budget.ts';
import { policyTypes } from './rules/policy-types.ts';
import { portsWithoutList } from './rules/ports-without-list.ts';
import { refused } from './rules/refused.ts';
import { reportedInvalid } from './rules/reported-invalid.ts';
import { serviceMissing, servicesUnderDeny } from './rules/services.ts';
import { deniedRule, shadowedRule } from './rules/shadowed-rule.ts';
import { silentAuth } from './rules/silent-auth.ts';
import { subjectOfOtherNamespace } from './rules/subject-of-other-namespace.ts';
import { underChaining } from './rules/under-chaining.ts';
import { unknownField } from './rules/unknown-field.ts';

/** All lint rules, in the order in which they are documented: what is not enforced, what opens too much, what opens nothing, what is worth knowing. */
export const LINT_RULES: readonly LintRule[] = [
  refused,
  reportedInvalid,
  apiServerRefuses,
  unknownField,
  duplicateName,
  contradiction,
  l7KindsOnOnePort,
  emptyFqdns,
  serviceMissing,
  servicesUnderDeny,
  httpBypassed,
  openToTheWorld,
  liftedNamespace,
  liftedByReserved,
  icmpTypes,
  policyTypes,
  emptyPeerList,
  emptyEntry,
  portsWithoutList,
  endPortBelowPort,
  fqdnWithoutDns,
  dnsRuleMissesNames,
  subjectOfOtherNamespace,
  initInNamespaced,
  labelNotInIdentity,
  subjectMatchesNothing,
  peerMatchesNothing,
  cidrNeverMatches,
  deniedRule,
  shadowedRule,
  denyOnly,
  denyHost,
  apiServerIsWorld,
  clusterwideEverything,
  inertDefaultDeny,
  egressNamedPort,
  podIdentity,
  underChaining,
  policyMapBudget,
  pathWithoutQuery,
  hostExpression,
  silentAuth,
  hostBits,
  mutualAuthDeprecated,
  removedParser,
];
