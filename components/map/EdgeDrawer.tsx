'use client';
import Link from 'next/link';
import { encryptionStateOf } from '#lib/topology/encryption.ts';
import type { EncryptionCounts, MapEdge, Topology } from '#lib/topology/topology.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { visibleText } from '#lib/flow/text.ts';
import { FlowPage, flowOfJson } from '#lib/api/flows.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { PolicyLink } from '#components/policies/PolicyName.tsx';
import { refOfHubbleName } from '#components/policies/links.ts';
import { ExplainSection, useExplained } from '#components/policies/why/ExplainSection.tsx';
import { askedOfFlow, askedOfNames } from '#components/policies/why/question.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { duration, exact, percent } from '#components/ui/format.ts';
import { EdgeRate } from './EdgeRate.tsx';
import { LatestFlows } from './LatestFlows.tsx';
import { filterOfEdge } from './map-filter.ts';
import { VerdictTable } from './VerdictTable.tsx';

/** One edge: what passes, what is refused and why, how it crosses the network, which policies decide. */
export function EdgeDrawer({
  edge,
  topology,
  view,
  onClose,
}: {
  edge: MapEdge;
  topology: Topology;
  view: Console;
  onClose: () => void;
}) {
  const filter = filterOfEdge(edge, topology.level);
  const drops = Object.entries(edge.drops).toSorted(([, a], [, b]) => b - a);
  const noPolicy = drops.filter(([reason]) => dropCauseOf(reason).decidedBy === 'other');
  return (
    <Drawer
      kind="Edge"
      title={<PairName source={edge.source} destination={edge.destination} />}
      chips={<EdgeChips edge={edge} />}
      onClose={onClose}
      footer={
        <>
          <ButtonLink look="primary" href={view.hrefOf('flows', { filter })}>
            Open in Flows
          </ButtonLink>
          {(edge.verdicts.DROPPED ?? 0) > 0 && (
            <ButtonLink href={view.hrefOf('drops', dropsQuery(edge))}>Open in Drops</ButtonLink>
          )}
        </>
      }
    >
      <DrawerSection title="Verdicts" aside={`${exact(edge.flows)} flows, ${windowWords(topology)}`}>
        <VerdictTable verdicts={edge.verdicts} caption={`Flows of this edge by verdict, ${windowWords(topology)}`} />
      </DrawerSection>
      {drops.length > 0 && (
        <DrawerSection
          title={
            <span className="flex items-center gap-2">
              <Mark name="dropped" />
              {noPolicy.length === drops.length ? `${exact(sum(drops))} drops are no policy matter` : 'Drops by reason'}
            </span>
          }
          aside="each packet once"
          tone="drop"
        >
          <dl className="flex flex-col gap-2.5">
            {drops.map(([reason, count]) => (
              <DropReason key={reason} reason={reason} count={count} />
            ))}
          </dl>
        </DrawerSection>
      )}
      <DrawerSection title="Rate" aside="flows per second, last 1 h">
        <EdgeRate view={view} edge={edge.key} level={topology.level} />
      </DrawerSection>
      <DrawerSection title="Decided by" aside={edge.policies.length > 0 ? 'policies Hubble names' : undefined}>
        <DecidedBy edge={edge} />
      </DrawerSection>
      {topology.level !== 'namespace' && noPolicy.length < Math.max(drops.length, 1) && (
        <EdgePolicies edge={edge} view={view} filter={filter} />
      )}
      <Layer7 edge={edge} />
      <DrawerSection
        title="Flows"
        aside={
          <Link className="ring-focus rounded-sm text-accent-text hover:underline" href={view.hrefOf('flows', { filter })}>
            Open in Flows
          </Link>
        }
      >
        <LatestFlows api={view.api} filter={filter} query={view.rangeQuery()} refreshMs={view.live ? 5000 : 0} />
        <p className="mt-2 text-12 text-ink-3">
          First seen <Time at={edge.firstSeen} />, last <Time at={edge.lastSeen} />.
        </p>
      </DrawerSection>
    </Drawer>
  );
}

/** What the engine says of the edge. An edge that does not name its ends exactly (a range of addresses, folded ports) is asked about by its newest flow, while that is held. */
function EdgePolicies({ edge, view, filter }: { edge: MapEdge; view: Console; filter: string }) {
  const named = askedOfNames(edge.source, edge.destination, edge.protocol, edge.port);
  const query = new URLSearchParams({ filter, limit: '1', ...(view.capture === null ? {} : { capture: view.capture }) });
  const isExact = named !== undefined && ![named.from, named.to].some((end) => end.startsWith('cidr:'));
  const newest = useApi(isExact ? null : `${view.api}/flows?${query}`, FlowPage);
  const [flow] = newest.changing ? [] : (newest.data?.flows ?? []);
  const waits = newest.loading || newest.changing;
  const asked = isExact ? named : ((flow && askedOfFlow(flowOfJson(flow))) ?? named);
  const explained = useExplained(view, waits ? undefined : asked, waits);
  return <ExplainSection explained={explained} view={view} />;
}

/** Drops are kept by workload and port: the end inside the cluster names them. */
function dropsQuery({ source, destination, port }: MapEdge): Record<string, string> {
  const workload = [destination, source].find((id) => id.includes('/') && !id.includes(':'));
  const terms = [workload && `workload:${workload}`, port > 0 && `port:${port}`].filter(Boolean);
  return terms.length > 0 ? { filter: terms.join(' ') } : {};
}

const sum = (drops: readonly (readonly [string, number])[]) => drops.reduce((total, [, count]) => total + count, 0);

/** `last 5 min`, or the length of a past window. */
export const windowWords = ({ from, to }: Pick<Topology, 'from' | 'to'>): string => `in ${duration(to - from)}`;

function EdgeChips({ edge }: { edge: MapEdge }) {
  return (
    <>
      <Chip>
        <span className="font-mono">{edge.port > 0 ? `${edge.protocol}/${edge.port}` : edge.protocol}</span>
        {edge.l7 !== '' && `· ${edge.l7}`}
      </Chip>
      <EncryptionChip counts={edge.encryption} />
      {edge.authenticated > 0 && (
        <Chip
          title={`${exact(edge.authenticated)} of ${exact(edge.authEvaluated)} policy verdicts at ingress demanded mutual authentication and had it`}
        >
          SPIRE on {percent(edge.authenticated, edge.authEvaluated)}
        </Chip>
      )}
      <span className="ml-auto text-12 text-ink-3">{edge.status}</span>
    </>
  );
}

/** How the edge crosses the network, judged as everywhere. */
function EncryptionChip({ counts }: { counts: EncryptionCounts }) {
  const { encrypted, plaintext } = counts;
  const crossing = encrypted + plaintext;
  const state = encryptionStateOf(counts);
  switch (state) {
    case 'plaintext':
    case 'encrypted':
      return (
        <Chip
          tone={state === 'plaintext' ? 'drop' : 'neutral'}
          title={`${exact(plaintext)} of ${exact(crossing)} judged packets crossed nodes in clear`}
        >
          <Mark name={state} />
          {percent(encrypted, crossing, plaintext > 0 ? 99.9 : undefined)} encrypted
        </Chip>
      );
    case 'same-node':
      return (
        <Chip title="Traffic within a node is not encrypted by design">
          <Mark name="same-node" />
          same node
        </Chip>
      );
    case 'host':
      return (
        <Chip title="Host traffic is encrypted only with node encryption">
          <Mark name="unknown" />
          host traffic
        </Chip>
      );
    case 'not-evaluable':
      return (
        <Chip title="No trace point told how these packets crossed the network">
          <Mark name="unknown" />
          encryption unknown
        </Chip>
      );
  }
}

function DropReason({ reason, count }: { reason: string; count: number }) {
  const { label, meaning, look, decidedBy } = dropCauseOf(reason);
  return (
    <div>
      <dt className="flex items-baseline justify-between gap-3 text-13">
        <span>
          <span className="font-label">{visibleText(label)}</span>{' '}
          <code className="font-mono text-12 text-ink-2">{visibleText(reason)}</code>
        </span>
        <span className="num">{exact(count)}</span>
      </dt>
      <dd className="text-13 text-ink-2">
        {meaning} {decidedBy === 'other' && look}
      </dd>
    </div>
  );
}

function DecidedBy({ edge }: { edge: MapEdge }) {
  if (edge.policies.length === 0) {
    const denied = (edge.drops.POLICY_DENIED ?? 0) > 0;
    return (
      <p className="text-13 text-ink-2">
        {denied
          ? 'Hubble named no policy. A default deny names none: a policy selects the endpoint, and no rule of any allows this.'
          : 'Hubble named no policy in this window. Policies are named only on new connections, and only where one is enforced.'}
      </p>
    );
  }
  return (
    <ul className="flex flex-col gap-1">
      {edge.policies.map((policy) => {
        const colon = policy.indexOf(':');
        const ref = refOfHubbleName(policy);
        return (
          <li key={policy} className="flex items-baseline gap-2 text-13">
            {ref ? (
              <PolicyLink policy={ref} kind={false} />
            ) : (
              <span className="min-w-0 font-mono text-12 wrap-anywhere">{visibleText(policy.slice(colon + 1))}</span>
            )}
            <span className="ml-auto shrink-0 text-12 text-ink-3">{visibleText(policy.slice(0, Math.max(colon, 0)))}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Responses by class and the latencies of the proxy; nothing where no L7 was seen. */
function Layer7({ edge }: { edge: MapEdge }) {
  const codes = Object.entries(edge.l7 === 'dns' ? edge.dns : edge.http).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = codes.reduce((all, [, count]) => all + count, 0);
  const { latencyMs } = edge;
  if (codes.length === 0 && !latencyMs) return null;
  return (
    <DrawerSection
      title={edge.l7 === 'dns' ? 'DNS answers' : 'Requests'}
      aside={total > 0 ? `${exact(total)} responses seen by the proxy` : undefined}
    >
      {codes.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {codes.map(([code, count]) => (
            <li key={code}>
              <Chip tone={/^5|SERVFAIL|REFUSED/.test(code) ? 'error' : 'neutral'}>
                {/^5|SERVFAIL|REFUSED/.test(code) && <Mark name="error" />}
                <span className="font-mono">{visibleText(code)}</span> {exact(count)} · {percent(count, total)}
              </Chip>
            </li>
          ))}
        </ul>
      )}
      {latencyMs && (
        <dl className="mt-3 flex gap-6 text-13" title={`from ${exact(latencyMs.count)} responses`}>
          {(['p50', 'p95', 'p99'] as const).map((key) => (
            <div key={key} className="flex items-baseline gap-2">
              <dt className="text-12 text-ink-3">{key}</dt>
              <dd className="num">{latency(latencyMs[key])}</dd>
            </div>
          ))}
        </dl>
      )}
    </DrawerSection>
  );
}

const latency = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
