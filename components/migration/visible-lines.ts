import { visibleText } from '#lib/flow/text.ts';

/** A line for people: a no-break space between figure and unit is a space, everything else that cannot be seen is written out. */
export const visibleLine = (text: string): string => visibleText(text.replaceAll('\u00a0', ' '));

/** The same of text that has lines: line breaks and tabs stay. */
export const visibleLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(visibleLine).join('\t'))
    .join('\n');

/** A sentence that has no name before it begins with a capital. */
export const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
