'use client';
import { NodeList } from '#lib/api/clusters.ts';
import { DropsReport } from '#lib/api/drops.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { TopologyJson } from '#lib/api/topology.ts';
import { CaptureBanner } from '#components/flows/CaptureBanner.tsx';
import { Page } from '#components/frame/Page.tsx';
import { rangeWords } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { useStatus } from '#components/live/use-status.ts';
import { DropsNow } from './DropsNow.tsx';
import { Figures } from './Figures.tsx';
import { NewDrops } from './NewDrops.tsx';
import { Nodes } from './Nodes.tsx';
import { PhaseGate } from './PhaseGate.tsx';
import { Reasons } from './Reasons.tsx';
import { TopTalkers } from './TopTalkers.tsx';
import { meanRate, overviewQuery, overviewWindow, talkers } from './overview-view.ts';

/** A cluster, or a capture of it, at a glance: how much talks, what is dropped and what of it is new, and whether all of it is seen. */
export function Overview({ migrating }: { migrating: boolean }) {
  const view = useConsole();
  const window = overviewWindow(view.window);
  const query = view.capture === null ? overviewQuery(view.window) : `capture=${encodeURIComponent(view.capture)}`;
  const slow = view.live ? 10_000 : 0;
  const { status } = useStatus(view.cluster);
  const drops = useApi(`${view.api}/drops?${query}`, DropsReport, { refreshMs: slow });
  const timeline = useApi(`${view.api}/timeline?${query}`, Timeline, { refreshMs: slow });
  const nodes = useApi(`${view.api}/nodes`, NodeList, { refreshMs: view.live ? 5000 : 0 });
  // Who talks now is a matter of minutes; of a time gone by, it is who talked in it.
  const past = window.from !== null;
  const gone = past || view.capture !== null;
  const map = useApi(`${view.api}/topology?level=workload${gone ? `&${query}` : ''}`, TopologyJson, { refreshMs: slow });

  // What is counted over the hour must be found there, whatever range the other pages show.
  const dropsHref = (extra: Readonly<Record<string, string>> = {}) =>
    view.hrefOf('drops', gone ? extra : { range: window.range, ...extra });
  const words = view.capture !== null ? 'in this capture' : past ? 'in the window shown' : `last ${rangeWords(window.range)}`;
  const talking = gone ? words : 'last 5 min';
  const before = gone ? 'window before' : (BEFORE[window.range] ?? `${rangeWords(window.range)} before`);
  const seen = map.data && talkers(map.data, 0);
  const versions = new Set(nodes.data?.nodes.map(({ version }) => version).filter((version) => version !== ''));
  const hint = [
    versions.size === 1 ? versionWords([...versions][0] ?? '') : versions.size > 1 ? `${versions.size} versions of Cilium` : '',
    nodes.data ? `${nodes.data.nodes.length} nodes` : '',
    seen ? `${seen.workloads} workloads in ${seen.namespaces} namespaces` : '',
  ].filter(Boolean);

  const topTalkers = (
    <TopTalkers
      state={map}
      window={talking}
      hrefOf={(edge) => view.hrefOf('map', { selected: edge })}
      mapHref={view.hrefOf('map')}
    />
  );
  return (
    <Page title="Overview" hint={hint.length > 0 ? hint.join(' · ') : '\u00a0'}>
      <CaptureBanner view={view} />
      <Figures
        perSecond={gone ? meanRate(drops.data) : status?.state === 'live' ? status.flowsPerSecondMinute : undefined}
        drops={drops}
        timeline={timeline}
        map={map}
        talking={talking}
        window={words}
        before={before}
      />
      <div className="grid gap-4 xl:grid-cols-[minmax(0,820fr)_minmax(0,356fr)]">
        <DropsNow state={drops} window={words} before={before} href={dropsHref()} />
        {/* A capture and a window of the past have no gate. */}
        {migrating && !gone ? <PhaseGate cluster={view.cluster} /> : topTalkers}
      </div>
      <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-[minmax(0,400fr)_minmax(0,404fr)_minmax(0,356fr)]">
        <NewDrops state={drops} window={words} hrefOf={(pair) => dropsHref({ selected: pair })} allHref={dropsHref()} />
        <Reasons state={drops} window={words} hrefOf={(reason) => dropsHref({ filter: `reason:${reason}` })} />
        <Nodes state={nodes} lost={drops.data?.coverage.lost} window={words} />
      </div>
      {migrating && !gone && topTalkers}
    </Page>
  );
}

const BEFORE: Readonly<Record<string, string>> = { '1h': 'hour before', '24h': 'day before', '7d': 'week before' };

/** `Cilium 1.19.0` of whatever the node calls its version. */
const versionWords = (version: string) => `Cilium ${version.replace(/^(cilium )?v?/i, '').split(/[+\s]/, 1)[0]}`;
