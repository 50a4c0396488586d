'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { KeyList } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { ReceiptsFrame } from '../ReceiptsFrame.tsx';
import { overlapWords } from './key-words.ts';
import { ChangesCard } from './ChangesCard.tsx';
import { KeyDrawer } from './KeyDrawer.tsx';
import { KeyTable } from './KeyTable.tsx';
import { RotateDrawer } from './RotateDrawer.tsx';
import { TrustCard } from './TrustCard.tsx';
import { TrustDrawer } from './TrustDrawer.tsx';
import { WitnessCard } from './WitnessCard.tsx';

const OWN = {
  key: parseAsString,
  do: parseAsStringLiteral(['rotate-receipt', 'rotate-checkpoint', 'take-over-bundle'] as const),
};

/** Keys of the console and whom a verifier believes: states with their times, where private parts are, witnesses, trust bundle. */
export function KeysView({ mayManage }: { mayManage: boolean }) {
  const { cluster } = useConsole();
  const state = useApi(`/api/v1/keys?cluster=${encodeURIComponent(cluster)}`, KeyList, { refreshMs: 10_000 });
  const [own, setOwn] = useQueryStates(OWN, { history: 'push' });
  const close = () => void setOwn({ key: null, do: null });
  const list = state.data;
  const opened = list?.keys.find(({ kid }) => kid === own.key);
  const role = own.do === 'rotate-receipt' ? 'receipt' : own.do === 'rotate-checkpoint' ? 'checkpoint' : undefined;
  const changed = () => {
    close();
    state.reload();
  };
  return (
    <ReceiptsFrame title="Keys">
      {list && list.problem !== '' && <Unsigned problem={list.problem} />}
      {list && list.warnings.length > 0 && <Warnings warnings={list.warnings} />}
      <Card
        flush
        title="Keys that sign"
        hint={list ? `a new one is known ${overlapWords(list.overlapMs)} before it signs` : undefined}
        aside={
          mayManage &&
          list &&
          list.keys.length > 0 && (
            <>
              <Button size="sm" onClick={() => void setOwn({ key: null, do: 'rotate-receipt' })}>
                Rotate receipt key
              </Button>
              <Button size="sm" onClick={() => void setOwn({ key: null, do: 'rotate-checkpoint' })}>
                Rotate checkpoint key
              </Button>
            </>
          )
        }
      >
        <Loaded state={state} skeleton={<SkeletonRows rows={4} label="Loading keys" />}>
          {({ keys }) =>
            keys.length === 0 ? (
              <NoKeys />
            ) : (
              <KeyTable keys={keys} selected={own.key} onOpen={(kid) => void setOwn({ key: kid, do: null })} />
            )
          }
        </Loaded>
      </Card>
      {list && (
        <div className="grid items-start gap-3 lg:grid-cols-[3fr_2fr]">
          <TrustCard list={list} mayManage={mayManage} onTakeOver={() => void setOwn({ key: null, do: 'take-over-bundle' })} />
          <WitnessCard list={list} />
        </div>
      )}
      {list && list.changes.length > 0 && <ChangesCard changes={list.changes} />}
      {opened && list && (
        <KeyDrawer key={opened.kid} entry={opened} list={list} mayManage={mayManage} onClose={close} onChanged={changed} />
      )}
      {mayManage && list && role && <RotateDrawer key={role} role={role} list={list} onClose={close} onRotated={changed} />}
      {mayManage && list && own.do === 'take-over-bundle' && <TrustDrawer root={list.root} onClose={close} onTaken={changed} />}
    </ReceiptsFrame>
  );
}

/** Something is not signed now: louder than everything else, with what mends it. */
function Unsigned({ problem }: { problem: string }) {
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md border border-drop-text bg-drop-tint px-4 py-3 text-13">
      <Mark name="error" className="mt-1" />
      <p className="min-w-0 max-w-prose wrap-anywhere">{visibleText(problem)}</p>
    </div>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <ul aria-label="Warnings" className="flex flex-col gap-1 rounded-md border border-line bg-audit-tint px-4 py-3 text-13">
      {warnings.map((warning) => (
        <li key={warning} className="flex items-start gap-2">
          <Mark name="advice" className="mt-1" />
          <span className="min-w-0 wrap-anywhere">{visibleText(warning)}</span>
        </li>
      ))}
    </ul>
  );
}

function NoKeys() {
  return (
    <Empty title="No key yet">
      <code className="font-mono text-12">causeway up</code> makes its own at its first start. A deployment names two files, one
      for receipts and one for heads of the logs, in{' '}
      <code className="font-mono text-12 wrap-anywhere">CAUSEWAY_RECEIPT_KEY_FILE</code> and{' '}
      <code className="font-mono text-12 wrap-anywhere">CAUSEWAY_CHECKPOINT_KEY_FILE</code>. One is made by{' '}
      <code className="font-mono text-12 wrap-anywhere">openssl genpkey -algorithm ed25519 -out receipt.pem</code>.
    </Empty>
  );
}
