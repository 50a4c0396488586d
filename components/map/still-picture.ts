/** What of a drawing's look comes from style sheets: without them its shapes are black and filled. */
const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'color',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'visibility',
] as const;

/**
 * Runs `work` on a copy of `element` that stands still behind it, with the styles of its drawings written into them: html-to-image copies
 * an `svg` as it is, without what style sheets say of its parts. What `leaveOut` names is no part of the copy.
 */
export async function onStillPicture<T>(
  element: HTMLElement,
  leaveOut: string,
  work: (copy: HTMLElement) => Promise<T>,
): Promise<T> {
  const copy = element.cloneNode(true) as HTMLElement;
  const parts = (root: HTMLElement) => root.querySelectorAll<SVGElement>('svg, svg *');
  const [originals, copies] = [parts(element), parts(copy)];
  copies.forEach((part, index) => {
    const original = originals[index];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const property of PROPERTIES) part.style.setProperty(property, style.getPropertyValue(property));
  });
  // A copy of a canvas is blank.
  const canvases = element.querySelectorAll('canvas');
  copy.querySelectorAll('canvas').forEach((canvas, index) => {
    const original = canvases[index];
    if (original !== undefined) canvas.getContext('2d')?.drawImage(original, 0, 0);
  });
  for (const part of copy.querySelectorAll(leaveOut)) part.remove();
  copy.inert = true;
  copy.style.zIndex = '-1';
  element.before(copy);
  try {
    return await work(copy);
  } finally {
    copy.remove();
  }
}
