import { MixBar, verdictParts } from '#components/charts/MixBar.tsx';
import { VerdictText } from '#components/ui/Mark.tsx';
import { exact } from '#components/ui/format.ts';
import type { VerdictCounts } from '#lib/topology/topology.ts';

/** The mix of verdicts as a bar and as a table. */
export function VerdictTable({ verdicts, caption }: { verdicts: VerdictCounts; caption: string }) {
  return (
    <>
      <MixBar verdicts={verdicts} />
      <table className="mt-2 w-full text-13">
        <caption className="sr-only">{caption}</caption>
        <tbody>
          {verdictParts(verdicts).map(({ verdict, count, share }) => (
            <tr key={verdict} className="h-7">
              <th scope="row" className="text-left font-body">
                <VerdictText verdict={verdict} />
              </th>
              <td className="num text-right">{exact(count)}</td>
              <td className="num w-20 text-right text-ink-3">{share}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
