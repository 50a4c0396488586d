'use client';
import { Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#components/ui/Button.tsx';
import { Menu, MenuItem, MenuLabel } from '#components/ui/Menu.tsx';
import type { Candidate } from './judge-messages.ts';
import { fileOf, gitCommand, kubectlCommand } from './patch.ts';

/** Carries the candidate out: as text, or as a command to look at before it is run. The console applies nothing itself. */
export function PatchMenu({ candidate, name }: { candidate: Candidate; name: string }) {
  const [said, setSaid] = useState('');
  const copy = (what: string, text: string) =>
    navigator.clipboard.writeText(text).then(
      () => setSaid(`Copied: ${what}`),
      () => setSaid('The browser did not allow copying'),
    );
  const { text, removes } = candidate;
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button disabled={text.trim() === '' && removes.length === 0}>
            <Copy size={14} aria-hidden="true" /> Copy patch
          </Button>
        }
      >
        <MenuLabel>Nothing is applied from here</MenuLabel>
        <MenuItem onSelect={() => void copy('YAML', text)}>YAML</MenuItem>
        <MenuItem onSelect={() => void copy('kubectl diff', kubectlCommand('diff', text, removes))}>
          kubectl diff command
        </MenuItem>
        <MenuItem onSelect={() => void copy('kubectl apply', kubectlCommand('apply', text, removes))}>
          kubectl apply command
        </MenuItem>
        <MenuItem onSelect={() => void copy('git', gitCommand(fileOf(name), text, `feat(policies): ${name}`))}>
          Git command
        </MenuItem>
      </Menu>
      <output className="sr-only">{said}</output>
    </>
  );
}
