'use client';
import { WouldDeny } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { AreaSeries } from '#components/charts/AreaSeries.tsx';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { rangeWords } from '#components/live/range.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { EndpointName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { exact } from '#components/ui/format.ts';
import { Part } from './Effect.tsx';

/** What a watched candidate would have denied, minute by minute: audit mode for one policy, which the data plane does not have. */
export function WouldDenyChart({ set, alertAt, view, onAlert }: WouldDenyProps) {
  const state = useApi(`${view.api}/policy-sets/${encodeURIComponent(set)}/would-deny?${view.rangeQuery()}`, WouldDeny, {
    refreshMs: view.live ? 30_000 : 0,
  });
  return (
    <Part
      title="Would deny"
      hint={`flows per minute that passed, ${view.past ? 'in this window' : `last ${rangeWords(view.range)}`}`}
      aside={
        onAlert && (
          <Button size="sm" look="quiet" onClick={onAlert}>
            {alertAt === undefined ? 'Alert on this' : `Alert at ${exact(alertAt)} a minute`}
          </Button>
        )
      }
    >
      <Loaded state={state}>{(report) => <Chart report={report} alertAt={alertAt} />}</Loaded>
    </Part>
  );
}

interface WouldDenyProps {
  set: string;
  alertAt: number | undefined;
  view: Console;
  /** Opens the choice of an alert; undefined for those who may not. */
  onAlert: (() => void) | undefined;
}

function Chart({ report, alertAt }: { report: WouldDeny; alertAt: number | undefined }) {
  const perMinute = 60_000 / report.stepMs;
  const rate = (values: readonly number[]) =>
    values.map((value, index) => ((report.judged[index] ?? 0) > 0 ? value * perMinute : Number.NaN));
  const denied = report.denied.reduce((sum, value) => sum + value, 0);
  const judged = report.judged.reduce((sum, value) => sum + value, 0);
  return (
    <div className="flex flex-col gap-2 px-4 py-3">
      {judged === 0 ? (
        <p className="text-13 text-ink-2">
          Nothing was judged in this time
          {report.watchedSince === undefined ? (
            '.'
          ) : (
            <>
              : it is watched since <Time at={report.watchedSince} />.
            </>
          )}
        </p>
      ) : (
        <>
          <AreaSeries
            title="Would be denied"
            unit="flows per minute"
            times={report.times}
            stepMs={report.stepMs}
            series={[{ name: 'would be denied', values: rate(report.denied), tone: 'drop', kind: 'bars' }]}
            {...(alertAt === undefined ? {} : { threshold: { value: alertAt, label: `alert at ${exact(alertAt)}/min` } })}
            height={120}
          />
          <p className="text-12 text-ink-2">
            {exact(denied)} of {exact(judged)} flows judged would be denied.
            {report.alert && (
              <>
                {' '}
                <Mark name="advice" className="inline" /> Alert: {exact(report.alert.flows)} in the minute of{' '}
                <Time at={report.alert.time} />.
              </>
            )}
          </p>
        </>
      )}
      {report.byWorkload.length > 0 && (
        <ul aria-label="Would be denied, by workload" className="flex flex-wrap gap-x-4 gap-y-1 text-12">
          {report.byWorkload.slice(0, 6).map(({ workload, flows }) => (
            <li key={workload} className="flex min-w-0 items-baseline gap-2">
              <EndpointName {...endpointOfId(visibleText(workload))} />
              <span className="num">{exact(flows)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
