import type { RiskRegister } from '#lib/api/migration.ts';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Table, Th, Td } from '#components/ui/Table.tsx';
import { LevelWord } from './LevelWord.tsx';

/** What each phase does to each component of the platform. On phones a list of components. */
export function ImpactTable({ impacts, phase }: { impacts: RiskRegister['impacts']; phase: Phase | null }) {
  const shown = phase === null ? PHASES : [phase];
  return (
    <Card flush title="Impact" hint="what each phase does to a component">
      <div className="max-md:hidden">
        <Table caption="Impact of each phase on each component">
          <thead>
            <tr>
              <Th className="w-44">Component</Th>
              {shown.map((each) => (
                <Th key={each}>Phase {each}</Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {impacts.map(({ component, phases }) => (
              <tr key={component} className="border-t border-line align-top">
                <th scope="row" className="py-2 pr-2 pl-4 text-left font-title">
                  {component}
                </th>
                {shown.map((each) => (
                  <Td key={each} className="min-w-40 py-2">
                    <Impact impact={phases.find((one) => one.phase === each)} />
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="md:hidden" aria-label="Impact by component">
        {impacts.map(({ component, phases }) => (
          <li key={component} className="border-t border-line px-4 py-3 first:border-t-0">
            <h3 className="text-13 font-title">{component}</h3>
            <dl className="mt-1.5 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-13">
              {phases
                .filter((one) => shown.some((each) => each === one.phase))
                .map((one) => (
                  <div key={one.phase} className="contents">
                    <dt className="text-ink-3">Phase {one.phase}</dt>
                    <dd>
                      <Impact impact={one} />
                    </dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Impact({ impact }: { impact: RiskRegister['impacts'][number]['phases'][number] | undefined }) {
  if (!impact) return <span className="text-ink-3">not touched</span>;
  return (
    <>
      <LevelWord level={impact.level} className="text-12" />
      <span className={cx('block', impact.level === 'none' ? 'text-ink-3' : 'text-ink-2')}>{impact.text}</span>
    </>
  );
}
