'use client';
import { useState } from 'react';
import { type GateCommandInput, GateRequest, type PhaseDetail } from '#lib/api/migration.ts';
import { GATE_COMMANDS, type GateCommand } from '#lib/migration/model.ts';
import { callApi } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { ReasonForm } from '../ReasonForm.tsx';
import { type Change, migrationApi, onceHeaders, phaseApi } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { type Command, choiceOf, commandWords, commandsOf, isOpen } from './gate-view.ts';

/** What can be done with the gate now. A button that is off says below it what it waits for; each asks in place before it acts. */
export function GateActions({ phase, clusterName, change }: GateActionsProps) {
  const { gate, cell } = phase;
  const [asking, setAsking] = useState<Command>();
  const { main, others } = commandsOf(gate.request?.state);
  const mainChoice = main === undefined ? undefined : choiceOf(gate, main);
  const allowed = others.filter((command) => choiceOf(gate, command)?.allowed === true);
  // Whoever may decide sees both answers side by side.
  const place = { phase: cell.phase, env: phase.environment, cluster: clusterName, state: gate.request?.state };
  const asked = asking === undefined ? undefined : choiceOf(gate, asking);
  const words = asking === undefined ? undefined : commandWords(asking, place);

  const send = async (command: Command, comment: string) => {
    const done = await change.run(() => sendCommand(phase, command, comment), phase.cluster, cell.phase);
    if (done) setAsking(undefined);
  };
  if (asking !== undefined && words && asked?.allowed === true) {
    return (
      <div className="border-t border-line px-4 py-3">
        <ReasonForm
          key={asking}
          label={words.label}
          hint={asked.stepUp ? 'It asks for a fresh sign-in with a second factor first.' : undefined}
          button={words.button}
          look={words.look}
          least={words.least}
          typeName={asking === 'roll-back' && phase.environment === 'PRD' ? clusterName : undefined}
          busy={change.busy}
          onSubmit={(comment) => void send(asking, comment)}
          onCancel={() => {
            change.clear();
            setAsking(undefined);
          }}
        >
          <p className="text-13">{words.effect}</p>
        </ReasonForm>
        {change.problem && <Failed problem={change.problem} className="px-0 pb-0" />}
      </div>
    );
  }
  if (!mainChoice && allowed.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 border-t border-line px-4 py-3">
      <div className="flex flex-wrap gap-2">
        {mainChoice && main !== undefined && (
          <Button
            look={mainChoice.allowed ? 'primary' : 'plain'}
            disabled={!mainChoice.allowed}
            className={allowed.length === 0 ? 'flex-1' : ''}
            onClick={() => setAsking(main)}
          >
            {commandWords(main, place).button}
          </Button>
        )}
        {allowed.map((command) => (
          <Button key={command} onClick={() => setAsking(command)}>
            {commandWords(command, place).button}
          </Button>
        ))}
      </div>
      {mainChoice && !mainChoice.allowed && <p className="text-12 wrap-anywhere text-ink-2">{visibleLine(mainChoice.reason)}</p>}
      {change.problem && <Failed problem={change.problem} className="p-0" />}
    </div>
  );
}
interface GateActionsProps {
  phase: PhaseDetail;
  clusterName: string;
  change: Change;
}

const isGateCommand = (command: Command): command is GateCommand => GATE_COMMANDS.some((known) => known === command);

async function sendCommand(phase: PhaseDetail, command: Command, comment: string): Promise<GateRequest> {
  const { request, evidenceHash } = phase.gate;
  const init = { method: 'POST', headers: onceHeaders() };
  if (command === 'request') {
    const json = { evidenceHash, comment };
    return (await callApi(`${phaseApi(phase.cluster, phase.cell.phase)}/gate`, GateRequest, { ...init, json })).body;
  }
  if (!request || !isGateCommand(command)) throw new Error(`there is no request to ${command}`);
  const json: GateCommandInput = {
    command,
    expectedVersion: request.version,
    // What stands on the page is what the person has seen.
    ...(isOpen(request.state) && { evidenceHash: request.evidenceHash }),
    comment,
  };
  const url = `${migrationApi(phase.cluster)}/gate-requests/${encodeURIComponent(request.id)}/commands`;
  return (await callApi(url, GateRequest, { ...init, json })).body;
}
