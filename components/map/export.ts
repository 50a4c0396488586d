import { toBlob, toSvg } from 'html-to-image';
import type { Topology } from '#lib/topology/topology.ts';
import { onStillPicture } from './still-picture.ts';

/** What of a map can be taken away. */
export type MapExport = 'png' | 'svg' | 'json';

/** Downloads the map as it is seen (picture) or the topology it is drawn from (JSON). */
export async function exportMap(kind: MapExport, element: HTMLElement, topology: Topology): Promise<void> {
  const name = `map-${topology.cluster}-${topology.level}-${new Date(topology.to).toISOString().slice(0, 16).replaceAll(':', '')}.${kind}`;
  if (kind === 'json') {
    save(new Blob([JSON.stringify(topology, null, 2)], { type: 'application/json' }), name);
    return;
  }
  const options = {
    backgroundColor: getComputedStyle(document.body).backgroundColor,
    pixelRatio: 2,
    fontEmbedCSS: await fontFaces(),
  };
  // The overview is no part of the picture.
  const blob = await onStillPicture(element, '.react-flow__minimap', (copy) =>
    kind === 'png' ? toBlob(copy, options) : svgBlob(copy, options),
  );
  if (blob) save(blob, name);
}

async function svgBlob(element: HTMLElement, options: Parameters<typeof toSvg>[1]): Promise<Blob> {
  const url = await toSvg(element, options);
  return new Blob([decodeURIComponent(url.slice(url.indexOf(',') + 1))], { type: 'image/svg+xml' });
}

/**
 * The faces of the page's type with their files inside. Not the library's own search for them: it resolves addresses by a `<base>`, which
 * the content security policy forbids.
 */
async function fontFaces(): Promise<string> {
  const faces = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) =>
      rule instanceof CSSFontFaceRule ? [{ css: rule.cssText, base: sheet.href ?? document.baseURI }] : [],
    ),
  );
  return (await Promise.all(faces.map(({ css, base }) => withFiles(css, base)))).join('\n');
}

async function withFiles(css: string, base: string): Promise<string> {
  let whole = css;
  for (const [reference, address = ''] of css.matchAll(/url\("([^"]+)"\)/g))
    whole = whole.replace(reference, `url("${await dataUrl(new URL(address, base).href)}")`);
  return whole;
}

async function dataUrl(address: string): Promise<string> {
  const blob = await (await fetch(address)).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : ''));
    reader.addEventListener('error', () => reject(new Error(`the font ${address} could not be read`)));
    reader.readAsDataURL(blob);
  });
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
