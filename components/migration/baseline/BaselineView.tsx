'use client';
import { parseAsString, useQueryState } from 'nuqs';
import { FlowLogsImportList } from '#lib/api/flow-logs.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Card } from '#components/ui/Card.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { MigrationHead } from '../MigrationTabs.tsx';
import { BaselineDetail } from './BaselineDetail.tsx';
import { ImportList } from './ImportList.tsx';
import { ImportLogs } from './ImportLogs.tsx';

/** The baseline of phase 0: what the VPC saw before Cilium, by imports of its flow logs. */
export function BaselineView({ mayEdit }: { mayEdit: boolean }) {
  const { api } = useConsole();
  const [asked, setAsked] = useQueryState('import', parseAsString.withOptions({ history: 'push' }));
  const state = useApi(`${api}/flow-logs`, FlowLogsImportList, { refreshMs: 10_000 });
  const imports = state.data?.imports;
  const chosen = asked ?? imports?.find((each) => each.state === 'done')?.id;
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <MigrationHead title="Baseline" />
      {mayEdit && (
        <ImportLogs
          api={api}
          onImported={(made) => {
            state.reload();
            if (made?.state === 'done') void setAsked(made.id);
          }}
        />
      )}
      {!imports && state.error ? (
        <Card flush title="Imports">
          <Failed problem={state.error} onRetry={state.reload} />
        </Card>
      ) : (
        <Loaded
          state={state}
          skeleton={
            <Card flush title="Imports">
              <SkeletonRows rows={4} dense={false} label="Loading imports" />
            </Card>
          }
        >
          {(list) => (
            <ImportList
              imports={list.imports}
              api={api}
              mayEdit={mayEdit}
              chosen={chosen}
              onChoose={(id) => void setAsked(id)}
              onDeleted={() => {
                void setAsked(null);
                state.reload();
              }}
            />
          )}
        </Loaded>
      )}
      {chosen !== undefined && <BaselineDetail key={chosen} api={api} id={chosen} />}
    </div>
  );
}
