'use client';
import type { PolicyList } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { KIND_STATES } from '../source/source-words.ts';
import { WaysToObjects } from '../source/WaysToObjects.tsx';

/** No policy to list: because nobody told the console where they are, because it may not read them, or because there are none. */
export function NoPolicies({ list, mayEdit, view, onUpload }: NoPoliciesProps) {
  const { source } = list;
  const upload = mayEdit && (source.kind === 'none' || source.kind === 'upload') && (
    <Button onClick={onUpload}>Upload objects</Button>
  );
  return (
    <Card flush title="Policies">
      {source.state === 'none' || source.kind === 'none' ? (
        <Empty title="The console does not know the policies of this cluster" action={upload}>
          Flows say which policy decided, not what it says. To judge, explain and lint policies the console needs the objects of
          the cluster, read only:
          <WaysToObjects className="mt-2" />
          <p className="mt-2">
            {mayEdit ? 'Or upload what kubectl prints.' : 'Or an operator of this cluster uploads what kubectl prints.'}
          </p>
        </Empty>
      ) : source.state === 'starting' ? (
        <Empty title="Reading the objects of the cluster">{visibleText(source.detail)} This page fills by itself.</Empty>
      ) : source.state === 'failed' || source.state === 'partial' ? (
        <Empty title="No policy could be read" action={upload}>
          {visibleText(source.detail)}
          <ul className="mt-2 flex flex-col gap-1 text-12">
            {source.kinds
              .filter(({ state }) => state !== 'ready')
              .map(({ kind, state, message }) => (
                <li key={kind}>
                  <span className="font-mono">{visibleText(kind)}</span>: {KIND_STATES[state].text}
                  {message !== '' && <span className="text-ink-3">, {visibleText(message)}</span>}
                </li>
              ))}
          </ul>
        </Empty>
      ) : (
        <Empty
          title="This cluster has no policies"
          action={
            <>
              <ButtonLink href={view.hrefOf('policies/suggest')}>Suggest policies from traffic</ButtonLink>
              {upload}
            </>
          }
        >
          All kinds were read and none is there, so {podsText(list)} open in both directions.
        </Empty>
      )}
    </Card>
  );
}
interface NoPoliciesProps {
  list: PolicyList;
  mayEdit: boolean;
  view: Console;
  onUpload: () => void;
}

function podsText({ namespaces, source }: PolicyList): string {
  const pods = namespaces.reduce((total, row) => total + row.pods, 0);
  if (source.missing.includes('endpoints') || pods === 0) return 'every pod is';
  return pods === 1 ? 'its one pod is' : `all its ${exact(pods)} pods are`;
}
