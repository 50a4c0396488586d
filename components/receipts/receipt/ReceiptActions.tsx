'use client';
import { ChevronDown, Download, Link2, Printer } from 'lucide-react';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Menu, MenuItem, MenuLabel } from '#components/ui/Menu.tsx';

/** What can be done with a receipt: hand on its link, its file in three forms, or paper. */
export function ReceiptActions({ url, logged }: { url: string; logged: boolean }) {
  const hrefOf = (format: string) => `${url}/bundle?format=${format}`;
  return (
    <div className="flex flex-wrap items-center gap-2 print:hidden">
      <CopyButton text={() => window.location.href} label="Copy link" icon={<Link2 size={14} aria-hidden="true" />}>
        Copy link
      </CopyButton>
      <Menu
        align="end"
        trigger={
          <Button>
            Other forms
            <ChevronDown size={14} aria-hidden="true" />
          </Button>
        }
      >
        <MenuLabel>The same receipt, the same signature</MenuLabel>
        <MenuItem asChild>
          <a href={hrefOf('dsse')} download>
            DSSE envelope, without proofs
          </a>
        </MenuItem>
        {logged && (
          <MenuItem asChild>
            <a href={hrefOf('tlog-proof')} download>
              C2SP tlog-proof, with all proofs
            </a>
          </MenuItem>
        )}
        <MenuItem onSelect={() => setTimeout(() => window.print())}>
          <Printer size={14} aria-hidden="true" />
          Print
        </MenuItem>
      </Menu>
      <a href={hrefOf('json')} download className={buttonClass('primary')}>
        <Download size={14} aria-hidden="true" />
        Download receipt
      </a>
    </div>
  );
}
