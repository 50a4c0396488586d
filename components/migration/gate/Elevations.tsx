'use client';
import { useState } from 'react';
import { Elevation, type PhaseDetail } from '#lib/api/migration.ts';
import { callApi } from '#components/live/api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Button } from '#components/ui/Button.tsx';
import { duration } from '#components/ui/format.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { ReasonForm } from '../ReasonForm.tsx';
import type { MigrationRights } from '../rights.ts';
import { type Change, migrationApi, onceHeaders, phaseApi } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { choiceOf, commandWords } from './gate-view.ts';

/** Elevations of this cluster and phase: asked for, granted by another, ending by themselves. */
export function Elevations({ phase, clusterName, elevations, me, rights, change }: ElevationsProps) {
  const [asking, setAsking] = useState(false);
  const [minutes, setMinutes] = useState(60);
  const ask = choiceOf(phase.gate, 'ask-elevation');
  const own = elevations.filter((elevation) => elevation.phase === phase.cell.phase && elevation.cluster === phase.cluster);
  const open = own.filter(({ state }) => state === 'asked' || state === 'running');
  if (open.length === 0 && ask?.allowed !== true) return null;
  const place = { phase: phase.cell.phase, env: phase.environment, cluster: clusterName };
  const words = commandWords('ask-elevation', place);

  const command = (id: string, verb: 'grant' | 'refuse' | 'end', comment = '') =>
    change.run(
      () =>
        callApi(`${migrationApi(phase.cluster)}/elevations/${encodeURIComponent(id)}`, Elevation, {
          method: 'POST',
          json: { command: verb, comment },
          headers: onceHeaders(),
        }),
      phase.cluster,
      phase.cell.phase,
    );
  const submit = async (reason: string) => {
    const done = await change.run(
      () =>
        callApi(`${phaseApi(phase.cluster, phase.cell.phase)}/elevations`, Elevation, {
          method: 'POST',
          json: { reason, minutes },
          headers: onceHeaders(),
        }),
      phase.cluster,
      phase.cell.phase,
    );
    if (done) setAsking(false);
  };
  return (
    <section className="flex flex-col gap-2 border-t border-line px-4 py-3">
      <h3 className="text-13 font-title">Elevation</h3>
      {open.map((elevation) => (
        <OpenElevation
          key={elevation.id}
          elevation={elevation}
          mine={elevation.by.subject === me}
          mayGrant={rights.grant}
          busy={change.busy}
          onCommand={(verb) => void command(elevation.id, verb)}
        />
      ))}
      {ask?.allowed === true &&
        (asking ? (
          <ReasonForm
            label={words.label}
            button={words.button}
            least={words.least}
            busy={change.busy}
            onSubmit={(reason) => void submit(reason)}
            onCancel={() => setAsking(false)}
          >
            <p className="text-13">{words.effect}</p>
            <label className="flex items-center gap-2 text-12 font-label text-ink-2">
              For
              <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))} className={inputClass}>
                {[15, 30, 60].map((choice) => (
                  <option key={choice} value={choice}>
                    {choice} min
                  </option>
                ))}
              </select>
            </label>
          </ReasonForm>
        ) : (
          <Button className="self-start" onClick={() => setAsking(true)}>
            {words.button}
          </Button>
        ))}
    </section>
  );
}
interface ElevationsProps {
  phase: PhaseDetail;
  clusterName: string;
  elevations: readonly Elevation[];
  me: string;
  rights: MigrationRights;
  change: Change;
}

function OpenElevation({ elevation, mine, mayGrant, busy, onCommand }: OpenElevationProps) {
  const now = useNow();
  const { by, state, reason, minutes, grantedBy, endsAt } = elevation;
  return (
    <div className="flex flex-col gap-1.5 text-13">
      <p className="wrap-anywhere">
        <span className="font-label">{mine ? 'You' : visibleLine(by.name)}</span>{' '}
        {state === 'asked' ? (
          `${mine ? 'ask' : 'asks'} for ${minutes} min`
        ) : (
          <>
            {mine ? 'are' : 'is'} elevated
            {endsAt !== undefined && now !== 0 && `, ${duration(Math.max(0, endsAt - now))} left`}
            {grantedBy && `, granted by ${visibleLine(grantedBy.name)}`}
          </>
        )}
        <span className="block text-12 text-ink-2">“{visibleLine(reason)}”</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {state === 'asked' && mayGrant && !mine && (
          <>
            <Button size="sm" disabled={busy} onClick={() => onCommand('grant')}>
              Grant {minutes} min
            </Button>
            <Button size="sm" disabled={busy} onClick={() => onCommand('refuse')}>
              Refuse
            </Button>
          </>
        )}
        {(mine || (state === 'running' && mayGrant)) && (
          <Button size="sm" disabled={busy} onClick={() => onCommand('end')}>
            {state === 'asked' ? 'Take back' : 'End it'}
          </Button>
        )}
      </div>
      {state === 'asked' && mine && <p className="text-12 text-ink-3">Another person, approver or admin, grants it.</p>}
    </div>
  );
}
interface OpenElevationProps {
  elevation: Elevation;
  mine: boolean;
  mayGrant: boolean;
  busy: boolean;
  onCommand: (verb: 'grant' | 'refuse' | 'end') => void;
}
