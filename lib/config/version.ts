/** The version of this console, as package.json says it: a test holds the two together, so that no bundle has to carry that file. */
export const VERSION = '0.1.0';
