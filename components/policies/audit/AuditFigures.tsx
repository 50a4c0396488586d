import type { AuditReport } from '#lib/api/what-if.ts';
import { Figure, FigureRow } from '#components/ui/Figure.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Unknown } from '#components/ui/Num.tsx';
import { agreementOf } from './audit-view.ts';

/** How far what was seen is what the policies say: of what could be judged, and how much could not. */
export function AuditFigures({ report, window }: { report: AuditReport; window: string }) {
  const { judged, judgedFlows, tuples, share } = agreementOf(report);
  const { agree, disagree, notJudgeable } = report;
  return (
    <FigureRow label="Figures">
      <Figure
        name={
          <>
            <Mark name="pass" />
            Agree
          </>
        }
        value={share ?? <Unknown why="nothing could be judged" />}
        unit="of judged"
        note={`${exact(agree.tuples)} of ${exact(judged)} tuples, ${window}`}
      />
      <Figure
        name={
          <>
            <Mark name="fail" />
            Disagree
          </>
        }
        value={<Num value={disagree.tuples} full />}
        unit={disagree.tuples === 1 ? 'tuple' : 'tuples'}
        note={`${exact(disagree.flows)} of ${exact(judgedFlows)} flows`}
      />
      <Figure
        name={
          <>
            <Mark name="unknown" />
            Not judgeable
          </>
        }
        value={<Num value={notJudgeable.tuples} full />}
        unit={`of ${exact(tuples)} tuples`}
        note={`${exact(notJudgeable.flows)} flows, never counted as agreeing`}
      />
      <Figure
        name="Judged by"
        value={<Num value={report.set.policies} full />}
        unit={report.set.policies === 1 ? 'policy' : 'policies'}
        note={
          <>
            set{' '}
            <span className="font-mono" title={report.set.hash}>
              {report.set.hash.slice(0, 8)}
            </span>
          </>
        }
      />
    </FigureRow>
  );
}
