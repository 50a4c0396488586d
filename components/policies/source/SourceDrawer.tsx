'use client';
import type { PolicySource } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { KIND_STATES, MISSING_PARTS, SOURCE_KINDS, SOURCE_STATES, objectsOf } from './source-words.ts';
import { UploadObjects } from './UploadObjects.tsx';
import { WaysToObjects } from './WaysToObjects.tsx';

/** Where policies and the other objects of a cluster come from: state by kind, what is missing and what that costs, and an upload. */
export function SourceDrawer({ source, api, mayEdit, onChanged, onClose }: SourceDrawerProps) {
  const { mark, text } = SOURCE_STATES[source.state];
  const uploads = source.kind === 'none' || source.kind === 'upload';
  return (
    <Drawer
      kind="Source of policies"
      title={SOURCE_KINDS[source.kind]}
      wide
      onClose={onClose}
      chips={
        <>
          <span className="inline-flex items-center gap-1.5 text-ink-2">
            <Mark name={mark} />
            {text}
          </span>
          <span>
            since <Time at={source.since} />
          </span>
          {source.updatedAt !== undefined && (
            <span>
              last change <Time at={source.updatedAt} />
            </span>
          )}
        </>
      }
    >
      <DrawerSection>
        <p className="text-13 wrap-anywhere text-ink-2">{visibleText(source.detail)}</p>
        {source.kind === 'none' && <WaysToObjects className="mt-2" />}
      </DrawerSection>
      {source.kinds.length > 0 && (
        <DrawerSection title="Kinds" aside={`${exact(objectsOf(source))} objects`}>
          <div className="-mx-4">
            <Kinds source={source} />
          </div>
        </DrawerSection>
      )}
      {source.missing.length > 0 && (
        <DrawerSection title="Not known">
          <ul className="flex flex-col gap-2 text-13">
            {source.missing.map((part) => (
              <li key={part} className="grid grid-cols-[12px_minmax(0,1fr)] items-baseline gap-x-2.5">
                <Mark name="unknown" />
                <span>
                  {MISSING_PARTS[part].name}
                  <span className="block text-12 text-ink-3">{MISSING_PARTS[part].effect}</span>
                </span>
              </li>
            ))}
          </ul>
        </DrawerSection>
      )}
      {uploads && mayEdit && (
        <DrawerSection title={source.kind === 'upload' ? 'Replace the upload' : 'Upload objects'}>
          <UploadObjects api={api} onUploaded={onChanged} />
        </DrawerSection>
      )}
    </Drawer>
  );
}
interface SourceDrawerProps {
  source: PolicySource;
  api: string;
  mayEdit: boolean;
  onChanged: () => void;
  onClose: () => void;
}

function Kinds({ source }: { source: PolicySource }) {
  return (
    <Table caption="Kinds of objects">
      <thead>
        <tr>
          <Th>Kind</Th>
          <Th number>Objects</Th>
          <Th>State</Th>
        </tr>
      </thead>
      <tbody>
        {source.kinds.map((row) => (
          <KindRows key={row.kind} {...row} />
        ))}
      </tbody>
    </Table>
  );
}

/** A kind, and below it why it is not read. */
function KindRows({ kind, state, objects, message, since }: PolicySource['kinds'][number]) {
  const { mark, text } = KIND_STATES[state];
  return (
    <>
      <Tr>
        <Td className="font-mono text-12 whitespace-nowrap">{visibleText(kind)}</Td>
        <Td number>
          <Num value={state === 'ready' || objects > 0 ? objects : undefined} full why={text} />
        </Td>
        <Td className="w-full text-12">
          <span className="flex items-center gap-1.5 whitespace-nowrap">
            <Mark name={mark} />
            {text}
          </span>
        </Td>
      </Tr>
      {state !== 'ready' && (
        <tr>
          <td colSpan={3} className="px-4 pb-2 text-12 wrap-anywhere text-ink-3">
            {message !== '' && `${visibleText(message).replace(/\.?$/, '.')} `}
            Since <Time at={since} />.
          </td>
        </tr>
      )}
    </>
  );
}
