import { getFontEmbedCSS, toBlob, toSvg } from 'html-to-image';
import type { Topology } from '#lib/topology/topology.ts';

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
    fontEmbedCSS: await getFontEmbedCSS(element),
    // Buttons and the overview are no part of the picture.
    filter: (node: HTMLElement) => !node.dataset?.['exportSkip'] && !node.classList?.contains('react-flow__minimap'),
  };
  if (kind === 'png') {
    const blob = await toBlob(element, options);
    if (blob) save(blob, name);
    return;
  }
  const url = await toSvg(element, options);
  save(new Blob([decodeURIComponent(url.slice(url.indexOf(',') + 1))], { type: 'image/svg+xml' }), name);
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
