'use client';
import { useState } from 'react';
import type { PolicySummary } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { SortTh } from '#components/ui/SortTh.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { PolicyLink } from '../PolicyName.tsx';
import { FindingCounts, SelectsText, SideText, StatusText } from './PolicyCells.tsx';
import { type Group, type Sort, groupPolicies, inOrderOf, sortPolicies } from './inventory-view.ts';
import type { NamespaceCoverage } from './inventory-view.ts';

/** Rows drawn at first: more than anybody reads, few enough to scroll smoothly. */
const FIRST = 250;

/** The policies, by namespace or in one list: what each selects, closes, was used for, and whether it is in force at all. */
export function PolicyTable(props: PolicyTableProps) {
  const { policies, namespaces, grouped, everything, sort, window } = props;
  const [whole, setWhole] = useState(false);
  const [held, setHeld] = useState<{ readonly sort: Sort; readonly refs: readonly string[] }>();
  const fresh = sortPolicies(policies, sort);
  const sorted = held?.sort === sort ? inOrderOf(fresh, held.refs) : fresh;
  const hold = () => {
    if (held?.sort !== sort) setHeld({ sort, refs: sorted.map(({ ref }) => ref) });
  };
  const shown = whole ? sorted : sorted.slice(0, FIRST);
  const groups: Group[] = grouped
    ? groupPolicies(shown, namespaces, everything)
    : [{ namespace: '', policies: shown, coverage: undefined }];
  return (
    <>
      <div className="hidden md:block" onPointerMove={hold} onPointerLeave={() => setHeld(undefined)}>
        <Table caption={`Policies, ${window}`} className="min-w-[1160px] table-fixed">
          <Head {...props} />
          {groups.map((group) => (
            <tbody key={group.namespace}>
              {grouped && <GroupRow group={group} podsKnown={props.podsKnown} />}
              {group.policies.map((policy) => (
                <PolicyRow key={policy.ref} policy={policy} named={!grouped} />
              ))}
            </tbody>
          ))}
        </Table>
      </div>
      <ul className="md:hidden" aria-label={`Policies, ${window}`}>
        {groups.flatMap((group) => [
          ...(grouped ? [<GroupCard key={`namespace ${group.namespace}`} group={group} podsKnown={props.podsKnown} />] : []),
          ...group.policies.map((policy) => <PolicyCard key={policy.ref} policy={policy} named={!grouped} />),
        ])}
      </ul>
      {shown.length < sorted.length && (
        <div className="border-t border-line px-4 py-2">
          <Button look="quiet" size="sm" onClick={() => setWhole(true)}>
            Show all {exact(sorted.length)} policies
          </Button>
        </div>
      )}
    </>
  );
}
interface PolicyTableProps {
  policies: readonly PolicySummary[];
  namespaces: readonly NamespaceCoverage[];
  grouped: boolean;
  /** Nothing is filtered away: then namespaces without a policy are listed too. */
  everything: boolean;
  /** False where pods could not be read: then coverage is unknown and not zero. */
  podsKnown: boolean;
  sort: Sort;
  onSort: (sort: Sort) => void;
  window: string;
}

const BACK = 'Back to names';

function Head({ sort, onSort }: PolicyTableProps) {
  const by = (own: Sort) => ({
    active: sort === own,
    back: BACK,
    onSort: () => onSort(sort === own ? 'name' : own),
  });
  return (
    <thead>
      <tr>
        <Th>Policy</Th>
        <SortTh label="Selects" className="w-48" {...by('selects')} />
        <Th className="w-22">Ingress</Th>
        <Th className="w-22">Egress</Th>
        <Th className="w-25">Rules</Th>
        <SortTh number label="Hits" className="w-20" {...by('hits')} />
        <SortTh number label="Last hit" className="w-24" {...by('last')} />
        <Th className="w-44 pl-5">Status</Th>
        <SortTh label="Findings" className="w-22" {...by('findings')} />
      </tr>
    </thead>
  );
}

function PolicyRow({ policy, named }: { policy: PolicySummary; named: boolean }) {
  return (
    <Tr className="hover:bg-hover">
      <Td className="min-w-0">
        <PolicyLink policy={policy.ref} namespace={named} />
      </Td>
      <Td>
        <SelectsText selects={policy.selects} />
      </Td>
      <Td>
        <SideText side={policy.ingress} />
      </Td>
      <Td>
        <SideText side={policy.egress} />
      </Td>
      <Td className="whitespace-nowrap">
        <RuleCounts policy={policy} />
      </Td>
      <Td number>
        <Num value={policy.hits} />
      </Td>
      <Td number>
        <Time at={policy.lastHit} why="no traffic of this time is covered by it" />
      </Td>
      <Td className="pl-5">
        <StatusText policy={policy} />
      </Td>
      <Td>
        <FindingCounts findings={policy.findings} />
      </Td>
    </Tr>
  );
}

const RuleCounts = ({ policy: { rules, unusedRules } }: { policy: PolicySummary }) => (
  <>
    <span className="num">{exact(rules)}</span>
    {unusedRules > 0 && (
      <span className="text-ink-3">
        , <span className="num">{exact(unusedRules)}</span> unused
      </span>
    )}
  </>
);

/** A namespace with how much of it is closed by default; the columns are those of its policies. */
function GroupRow({ group, podsKnown }: { group: Group; podsKnown: boolean }) {
  const { coverage } = group;
  const known = coverage !== undefined && podsKnown;
  return (
    <tr className="h-8 border-t border-line bg-sunken text-12 text-ink-2">
      <th scope="rowgroup" className="px-4 text-left font-label text-ink">
        <GroupName group={group} />
      </th>
      <td className="px-2">
        {known && (
          <>
            <span className="num">{exact(coverage.pods)}</span> {coverage.pods === 1 ? 'pod' : 'pods'}
          </>
        )}
      </td>
      <td className="px-2 whitespace-nowrap">{known && <Closed closed={coverage.ingressClosed} of={coverage.pods} />}</td>
      <td className="px-2 whitespace-nowrap">{known && <Closed closed={coverage.egressClosed} of={coverage.pods} />}</td>
      <td className="px-2 pr-4" colSpan={5}>
        {coverage && <AuditLeft flows={coverage.auditFlows} />}
      </td>
    </tr>
  );
}

function GroupName({ group }: { group: Group }) {
  const count = group.policies.length;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      {group.namespace === '' ? (
        <span>Clusterwide</span>
      ) : (
        <span className="truncate font-mono">{visibleText(group.namespace)}</span>
      )}
      <span className="truncate font-body text-ink-3">
        {count === 0 ? 'no policy of its own' : `${exact(count)} ${count === 1 ? 'policy' : 'policies'}`}
      </span>
    </span>
  );
}

/** How many pods are closed by default; all of them is good, fewer is a number to look at. */
const Closed = ({ closed, of }: { closed: number; of: number }) => (
  <span className="inline-flex items-center gap-1.5" title={`${exact(closed)} of ${exact(of)} pods are closed by default`}>
    {closed === of && of > 0 && <Mark name="pass" />}
    <span>
      <span className="num">{exact(closed)}</span> of <span className="num">{exact(of)}</span>
      <span className="sr-only"> pods closed by default</span>
    </span>
  </span>
);

/** Traffic that audit mode still lets through: what would be dropped once it is off. */
const AuditLeft = ({ flows }: { flows: number }) =>
  flows === 0 ? null : (
    <span className="inline-flex items-center gap-1.5 text-audit-text">
      <Mark name="audit" />
      {exact(flows)} {flows === 1 ? 'flow' : 'flows'} with verdict AUDIT left
    </span>
  );

function GroupCard({ group, podsKnown }: { group: Group; podsKnown: boolean }) {
  const { coverage } = group;
  return (
    <li className="flex flex-col gap-0.5 border-t border-line bg-sunken px-4 py-2 text-12 text-ink-2 first:border-t-0">
      <span className="font-label text-ink">
        <GroupName group={group} />
      </span>
      {coverage && podsKnown && (
        <span className="flex flex-wrap gap-x-3">
          <span className="inline-flex gap-1.5">
            ingress closed <Closed closed={coverage.ingressClosed} of={coverage.pods} />
          </span>
          <span className="inline-flex gap-1.5">
            egress closed <Closed closed={coverage.egressClosed} of={coverage.pods} />
          </span>
        </span>
      )}
      {coverage && <AuditLeft flows={coverage.auditFlows} />}
    </li>
  );
}

/** A policy on a phone. */
function PolicyCard({ policy, named }: { policy: PolicySummary; named: boolean }) {
  return (
    <li className="flex flex-col gap-0.5 border-t border-line px-4 py-2 text-12">
      <PolicyLink policy={policy.ref} namespace={named} />
      <SelectsText selects={policy.selects} />
      <span className="flex flex-wrap gap-x-3 text-ink-2">
        <SideText side={policy.ingress} name="ingress" />
        <SideText side={policy.egress} name="egress" />
        <span>
          <RuleCounts policy={policy} /> <span className="text-ink-3">{policy.rules === 1 ? 'rule' : 'rules'}</span>
        </span>
        <span>
          <Num value={policy.hits} className="num" /> <span className="text-ink-3">hits</span>
        </span>
      </span>
      <span className="flex flex-wrap items-center gap-x-3">
        <StatusText policy={policy} long />
        {policy.findings.error + policy.findings.warning + policy.findings.note > 0 && (
          <FindingCounts findings={policy.findings} />
        )}
      </span>
    </li>
  );
}
