'use client';
import type { PreflightReport } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { UploadEvidence } from '../uploads/UploadEvidence.tsx';
import type { UploadTarget } from './CheckItem.tsx';
import { InputHint } from './InputHint.tsx';

/** What the checks rest on: each input with where it is from and how old it is; what is missing with the command that provides it. */
export function InputsCard({ inputs, open, onToggle, upload }: InputsCardProps) {
  const missing = inputs.filter(({ source }) => source === '');
  return (
    <Card
      flush
      title="Inputs"
      hint={`${exact(inputs.length - missing.length)} of ${exact(inputs.length)} known`}
      aside={
        <Button size="sm" aria-expanded={open} onClick={onToggle}>
          {open ? 'Hide inputs' : 'Show inputs'}
        </Button>
      }
    >
      {!open && missing.length > 0 && (
        <p className="flex flex-wrap items-baseline gap-x-2 px-4 py-2.5 text-13 text-ink-2">
          <Mark name="unknown" className="translate-y-0.5" />
          <span>Missing:</span>
          <span className="font-mono text-12 wrap-anywhere">{missing.map(({ name }) => name).join(', ')}</span>
        </p>
      )}
      {open && (
        <>
          <Table caption="Inputs of preflight">
            <thead>
              <tr>
                <Th>Input</Th>
                <Th>From</Th>
                <Th>Age</Th>
                <Th className="w-1/2">How to provide it</Th>
              </tr>
            </thead>
            <tbody>
              {inputs
                .toSorted((a, b) => Number(a.source !== '') - Number(b.source !== ''))
                .map((input) => (
                  <Tr key={input.name}>
                    <Td className="font-mono text-12 whitespace-nowrap">{input.name}</Td>
                    <Td className="min-w-36">
                      {input.source === '' ? (
                        <span className="flex items-center gap-1.5 text-ink-3">
                          <Mark name="unknown" />
                          missing
                        </span>
                      ) : (
                        <span className="wrap-anywhere">{visibleText(input.source)}</span>
                      )}
                    </Td>
                    <Td className="whitespace-nowrap text-ink-2">
                      <Time at={input.at} why={input.source === '' ? 'it is missing' : 'it carries no time'} />
                    </Td>
                    <Td className="min-w-60">
                      <InputHint input={input} />
                    </Td>
                  </Tr>
                ))}
            </tbody>
          </Table>
          {upload && (
            <div className="border-t border-line p-4">
              <UploadEvidence kinds={[]} {...upload} />
            </div>
          )}
        </>
      )}
    </Card>
  );
}
interface InputsCardProps {
  inputs: PreflightReport['inputs'];
  open: boolean;
  onToggle: () => void;
  upload: UploadTarget | undefined;
}
