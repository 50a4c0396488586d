'use client';
import { FlowPage, flowOfJson } from '#lib/api/flows.ts';
import type { AuditFinding } from '#lib/api/what-if.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import { visibleText } from '#lib/flow/text.ts';
import { pairFilter } from '#components/flows/peer-terms.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark, VerdictText } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { PolicyLink } from '../PolicyName.tsx';
import { SEVERITY_MARKS } from '../policy/policy-lines.ts';
import { askedOfNames, paramsOfAsked } from '../why/question.ts';
import { type AuditGroup, endName, portText } from './audit-view.ts';

/** One disagreement: the first thing to look at, the evidence, whose policies these are, and what cannot be known. */
export function AuditDrawer({ group, finding, view, onClose }: AuditDrawerProps) {
  const { source, destination, protocol = '', port = 0, l7, severity } = finding;
  const [from, to] = [endName(source), endName(destination)];
  const filter = pairFilter(from, to, protocol, port);
  const asked = askedOfNames(from, to, protocol, port);
  return (
    <Drawer
      kind={visibleText(group.title)}
      wide
      title={<PairName source={visibleText(source)} destination={visibleText(destination)} />}
      chips={
        <>
          <Chip>
            <Mark name={SEVERITY_MARKS[severity]} />
            {severity}
          </Chip>
          {portText(finding) !== '' && <Chip className="font-mono">{portText(finding)}</Chip>}
          {l7 !== undefined && l7 !== '' && (
            <Chip className="font-mono" title={visibleText(l7)}>
              <span className="truncate">{visibleText(l7)}</span>
            </Chip>
          )}
        </>
      }
      onClose={onClose}
      footer={
        <>
          <ButtonLink look="primary" href={view.hrefOf('flows', { filter })}>
            Open in Flows
          </ButtonLink>
          {asked && <ButtonLink href={view.hrefOf('policies/why', paramsOfAsked(asked))}>Why?</ButtonLink>}
          {protocol !== '' && (
            <ButtonLink
              look="quiet"
              className="ml-auto"
              href={view.hrefOf('map', { level: 'workload', selected: `${from}->${to}:${protocol}/${port}` })}
            >
              Show on map
            </ButtonLink>
          )}
        </>
      }
    >
      <DrawerSection title="What is wrong">
        <p className="text-13 wrap-anywhere">{visibleText(finding.title)}</p>
        <p className="mt-1 text-13 text-ink-2">{visibleText(group.explanation)}</p>
      </DrawerSection>
      <DrawerSection tone="advice">
        <h3 className="flex items-center gap-2.5 text-14 font-title">
          <Mark name="advice" /> Look at this first
        </h3>
        <p className="mt-1 pl-5.5 text-13 wrap-anywhere text-ink-2">{visibleText(finding.look)}</p>
      </DrawerSection>
      <Evidence finding={finding} view={view} filter={filter} />
      <DrawerSection title="Policies" aside={finding.policies.length > 0 && exact(finding.policies.length)}>
        {finding.policies.length === 0 ? (
          <p className="text-13 text-ink-2">No policy is named: none decided, or Hubble told of none.</p>
        ) : (
          <ul className="flex flex-col gap-0.5">
            {finding.policies.map((policy) => (
              <li key={policy} className="min-w-0">
                <PolicyLink policy={policy} />
              </li>
            ))}
          </ul>
        )}
      </DrawerSection>
      {finding.unknown.length > 0 && (
        <DrawerSection title="What is not known">
          <ul className="flex flex-col gap-1.5 text-13">
            {finding.unknown.map((sentence) => (
              <li key={sentence} className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2.5">
                <Mark name="unknown" className="mt-1" />
                <span className="wrap-anywhere text-ink-2">{visibleText(sentence)}</span>
              </li>
            ))}
          </ul>
        </DrawerSection>
      )}
    </Drawer>
  );
}
interface AuditDrawerProps {
  group: AuditGroup;
  finding: AuditFinding;
  view: Console;
  onClose: () => void;
}

function Evidence({ finding, view, filter }: { finding: AuditFinding; view: Console; filter: string }) {
  const { flows, firstSeen, lastSeen, nodes } = finding;
  return (
    <DrawerSection title="Evidence">
      <dl className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 gap-y-1 text-12">
        <dt className="text-ink-3">Flows</dt>
        <dd className="num">{exact(flows)}</dd>
        <dt className="text-ink-3">First seen</dt>
        <dd>
          <Time at={firstSeen} />
        </dd>
        <dt className="text-ink-3">Last seen</dt>
        <dd>
          <Time at={lastSeen} />
        </dd>
        <dt className="text-ink-3">{nodes.length === 1 ? 'Node' : 'Nodes'}</dt>
        <dd className="font-mono wrap-anywhere">{nodes.map(visibleText).join(', ') || 'not known'}</dd>
        <dt className="text-ink-3">Example</dt>
        <dd>
          <Example uuid={finding.exampleUuid} view={view} filter={filter} />
        </dd>
      </dl>
    </DrawerSection>
  );
}

/** A flow that shows it, as long as the console holds it. */
function Example({ uuid, view, filter }: { uuid: string; view: Console; filter: string }) {
  const query = new URLSearchParams({ filter: `uuid:${quoted(uuid)}`, limit: '1' });
  if (view.capture !== null) query.set('capture', view.capture);
  const { data, error, loading } = useApi(uuid === '' ? null : `${view.api}/flows?${query}`, FlowPage);
  const [found] = data?.flows ?? [];
  if (loading) return <span className="text-ink-3">looking for it</span>;
  if (!found)
    return (
      <span className="text-ink-3">
        {error ? 'could not be asked for' : 'no longer held: the console keeps the newest flows'}
      </span>
    );
  const flow = flowOfJson(found);
  return (
    <ButtonLink look="quiet" size="sm" className="-ml-2" href={view.hrefOf('flows', { filter, selected: uuid })}>
      <VerdictText verdict={flow.verdict} />
      <Time at={flow.time} />
    </ButtonLink>
  );
}
