'use client';
import { useState } from 'react';
import type { Explanation } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { PairName } from '#components/ui/EndpointName.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { exact } from '#components/ui/format.ts';
import { YamlBlock } from '../YamlBlock.tsx';
import { PolicyLink } from '../PolicyName.tsx';

type Nearest = Explanation['nearest'][number];

/** What else the smallest change would let in: said before the change itself. `advice` is what is known of the pair. */
export function BeforeYouAllow({ nearest, advice }: { nearest: readonly Nearest[]; advice?: string | undefined }) {
  return (
    <>
      <h3 className="flex items-center gap-2.5 text-14 font-title">
        <Mark name="advice" /> Before you allow it
      </h3>
      <div className="mt-1 flex flex-col gap-2 pl-5.5 text-13 text-ink-2">
        {advice !== undefined && <p>{advice}</p>}
        {nearest.map((rule) => (
          <AlsoAllows key={rule.direction} rule={rule} named={nearest.length > 1} />
        ))}
      </div>
    </>
  );
}

function AlsoAllows({ rule, named }: { rule: Nearest; named: boolean }) {
  const { alsoAllows, peers, direction } = rule;
  const flows = alsoAllows.reduce((sum, row) => sum + row.flows, 0);
  return (
    <div>
      <p>
        {named && <span className="font-label">{direction === 'egress' ? 'Egress: ' : 'Ingress: '}</span>}
        {peerWords(peers)}{' '}
        {alsoAllows.length === 0
          ? 'Nothing else that was denied in the last 24 h would pass with it.'
          : `It would also let pass ${alsoAllows.length === 1 ? '1 other pair' : `${exact(alsoAllows.length)} other pairs`} denied in the last 24 h, ${exact(flows)} flows:`}
      </p>
      {alsoAllows.length > 0 && (
        <ul className="mt-1 flex flex-col">
          {alsoAllows.slice(0, 8).map((row) => (
            <li
              key={`${row.source} ${row.destination} ${row.protocol} ${row.port}`}
              className="grid grid-cols-[minmax(0,1fr)_auto_auto] items-baseline gap-x-3"
            >
              <PairName source={visibleText(row.source)} destination={visibleText(row.destination)} />
              <span className="font-mono text-12">
                {row.protocol}/{row.port}
              </span>
              <span className="num">{exact(row.flows)}</span>
            </li>
          ))}
          {alsoAllows.length > 8 && <li className="text-12 text-ink-3">and {exact(alsoAllows.length - 8)} more</li>}
        </ul>
      )}
    </div>
  );
}

/** How many it would let in beside those seen. */
function peerWords(peers: number): string {
  if (peers === 0) return 'Its peer is no pod: an entity, a name or an address.';
  return `Its peer selector matches ${peers === 1 ? '1 endpoint' : `${exact(peers)} endpoints`}.`;
}

/** The smallest change that would allow it, one for each direction that denies. */
export function NearestChange({ nearest }: { nearest: readonly Nearest[] }) {
  const [side, setSide] = useState<Nearest['direction']>();
  const shown = nearest.find(({ direction }) => direction === side) ?? nearest[0];
  if (!shown) return null;
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-14 font-title">Smallest change to allow it</h3>
        {nearest.length > 1 && (
          <Segmented
            label="Part of the change"
            size="sm"
            value={shown.direction}
            onChange={setSide}
            options={nearest.map(({ direction }, index) => ({
              value: direction,
              label: `${index + 1} ${direction === 'egress' ? 'Egress' : 'Ingress'}`,
            }))}
          />
        )}
      </div>
      <p className="mb-2 text-13 text-ink-2">
        {shown.text.startsWith(shown.policy) && !shown.isNew ? (
          <>
            <PolicyLink policy={shown.policy} />
            {visibleText(shown.text.slice(shown.policy.length))}
          </>
        ) : (
          visibleText(shown.text)
        )}
      </p>
      <YamlBlock yaml={shown.yaml} added={shown.lines} label={`Policy with the change, ${shown.direction}`} />
    </>
  );
}

/** All parts as one text of several documents: what is copied. */
export const yamlOfNearest = (nearest: readonly Nearest[]): string =>
  nearest.map(({ yaml }) => yaml.trimEnd()).join('\n---\n') + '\n';
