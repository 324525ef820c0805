/** Flux's post-build substitution: `${NAME}` and `${NAME:=default}` in what a kustomization comes to. */
import { DEFAULT_LIMITS } from '../../sources/index.ts';
import { readDocuments } from '../../sources/manifests/documents.ts';
import type { Edit } from '../kustomize/build.ts';
import { field } from '../values.ts';

const SWITCH = 'kustomize.toolkit.fluxcd.io/substitute';
const REFERENCE = /\$(\$?)\{([^{}]*)\}/g;
const NESTED = /(?<!\$)\$\{[^{}]*\$\{[^{}]*\}/;
const NAME = /^([A-Za-z_]\w*)(?::?[-=](.*))?$/s;

/**
 * Names nobody gave a value become empty, as with Flux; `$${NAME}` stays `${NAME}`; objects that are marked with
 * `kustomize.toolkit.fluxcd.io/substitute: disabled` stay as they are. What is not known is a fault.
 */
export function substitution(variables: ReadonlyMap<string, string>): Edit {
  return (output) => {
    let fault: string | undefined;
    const replaced = (text: string): string => {
      fault ??= NESTED.exec(text)?.[0];
      return text.replaceAll(REFERENCE, (whole, dollar: string, inside: string) => {
        if (dollar !== '') return whole.slice(1);
        const [, name, otherwise] = NAME.exec(inside) ?? [];
        if (name === undefined) fault ??= whole;
        const value = variables.get(name ?? '') ?? '';
        return value === '' ? (otherwise ?? '') : value;
      });
    };
    const documents = output.split(/^---$/m);
    const edited = documents.map((one) => (isSwitchedOff(one) ? one : replaced(one))).join('---');
    return fault === undefined ? edited : { fault: `${fault} is a substitution that is not done here` };
  };
}

/** By the object's own labels and annotations: the same words elsewhere in it would hide what is deployed. */
function isSwitchedOff(document: string): boolean {
  if (!document.includes(SWITCH)) return false;
  return readDocuments(document, DEFAULT_LIMITS).some(({ value }) =>
    ['labels', 'annotations'].some(
      (name) => field(field(field(value, 'metadata'), name), SWITCH) === 'disabled',
    ),
  );
}
