/**
 * Plain scalars that two readers of YAML take for different values: Kubernetes tooling reads YAML 1.1 (`no` is false, `0755` is 493), others YAML 1.2
 * (`no` is text, `0755` is 755). What a policy means must not depend on the reader, so they are refused.
 */
export function ambiguity(source: string): string | undefined {
  if (/^(y|yes|n|no|on|off)$/i.test(source) && !/^(yEs|yeS|yES|nO|oN|oFf|ofF|oFF|YEs|YeS|OFf|OfF)$/.test(source))
    return `${source} is true or false to Kubernetes tooling and text to others: put it in quotes, or write true or false`;
  if (/^[-+]?0[\d_]+$/.test(source) || /^[-+]?0o[0-7_]+$/.test(source))
    return `${source} is an octal number to some and a decimal one to others: put it in quotes, or write it without the leading 0`;
  if (/^[-+]?\d[\d_]*_[\d_]*(\.[\d_]*)?$/.test(source) || /^[-+]?0b[01_]+$/.test(source))
    return `${source} is a number to some and text to others: put it in quotes, or write it in plain digits`;
  return undefined;
}
