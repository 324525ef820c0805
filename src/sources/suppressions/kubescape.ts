/**
 * Kubescape: exceptions (postureExceptionPolicy), as github.com/kubescape/opa-utils reads them. Ids of controls and what
 * describes objects are regular expressions; here each matches the whole text also where it holds `|`, which there
 * loosens one end: what is imported is at most what was meant.
 */
import type { JsonMap } from '../../model/index.ts';
import { isMap, openDocument } from './document.ts';
import {
  type Designator,
  dayBefore,
  type Said,
  type Suppression,
  type SuppressionEntry,
  type SuppressionFile,
  type Unplaceable,
} from './suppression.ts';

const TOOL = 'kubescape';
const POLICY_TYPE = 'postureExceptionPolicy';

/** Whether a text of JSON is meant to hold exceptions. */
export function holdsExceptions(text: string): boolean {
  return text.includes(`"${POLICY_TYPE}"`);
}

/** The fault of a pattern; undefined for one that compiles. */
type FaultOf = (pattern: string) => string | undefined;

const LONGEST_PATTERN = 1_000;

export function readKubescapeExceptions(text: string, faultOf: FaultOf): SuppressionFile {
  const { value, at, fault } = openDocument(text, TOOL);
  if (fault !== undefined) return { entries: [fault], others: 0 };
  const list = Array.isArray(value) ? value : [value];
  const entries = list.flatMap((item: unknown, i) => {
    const pointer = Array.isArray(value) ? `/${i}` : '';
    return readException(item, pointer, faultOf).map(
      ({ pointer: place, ...entry }): SuppressionEntry => ({ ...at(place), ...entry }),
    );
  });
  return { entries, others: 0 };
}

type Pointed = Omit<SuppressionEntry, 'line' | 'column'> & { readonly pointer: string };

function readException(item: unknown, pointer: string, faultOf: FaultOf): Pointed[] {
  const wrong = (place: string, fault: string): Pointed[] => [
    { pointer: place, said: { tool: TOOL, fault } },
  ];
  if (!isMap(item)) return wrong(pointer, 'expected an exception: resources and posturePolicies');
  const {
    policyType = POLICY_TYPE,
    resources,
    posturePolicies = [],
    expirationDate,
    reason,
    name = '',
  } = item;
  if (policyType !== POLICY_TYPE) return [];
  if (!Array.isArray(resources)) return wrong(pointer, 'an exception has a list resources');
  if (!Array.isArray(posturePolicies))
    return wrong(`${pointer}/posturePolicies`, 'posturePolicies is a list');
  const until = typeof expirationDate === 'string' ? dayBefore(expirationDate) : undefined;
  if (expirationDate !== undefined && expirationDate !== null && until === undefined)
    return wrong(`${pointer}/expirationDate`, 'expirationDate is a time: 2027-01-31T00:00:00Z');
  const comment = typeof reason === 'string' && reason !== '' ? reason : String(name);
  const read = resources.map((one: unknown, i) => readDesignator(one, `${pointer}/resources/${i}`, faultOf));
  const faults = read.flatMap((one) => ('fault' in one ? wrong(one.pointer, one.fault) : []));
  const designators = read.flatMap((one) => ('designator' in one ? [one.designator] : []));
  const asides = read.flatMap((one) => ('unplaceable' in one ? [one] : []));
  const controls = posturePolicies.length === 0 ? [{}] : posturePolicies;
  const said = controls.map((control: unknown, i) => ({
    said: readControl(control, { comment, until }, faultOf),
    pointer: posturePolicies.length === 0 ? pointer : `${pointer}/posturePolicies/${i}`,
  }));
  return [
    ...faults,
    ...asides.map((aside): Pointed => ({ pointer: aside.pointer, said: withoutPlace(aside, String(name)) })),
    ...said.flatMap((one): Pointed[] => {
      if (!('form' in one.said)) return [one];
      return designators.length === 0 ? [] : [{ ...one, scope: { by: 'designator', designators } }];
    }),
  ];
}

function withoutPlace({ unplaceable }: { readonly unplaceable: string }, name: string): Unplaceable {
  return { tool: TOOL, check: name, unplaceable };
}

function readControl(control: unknown, of: Pick<Suppression, 'comment' | 'until'>, faultOf: FaultOf): Said {
  if (!isMap(control)) return { tool: TOOL, fault: 'expected a control: {controlID}' };
  const { controlID = '', controlName = '', frameworkName = '', ruleName = '' } = control;
  if (![controlID, controlName, frameworkName, ruleName].every((one) => typeof one === 'string'))
    return { tool: TOOL, fault: 'controlID, controlName, frameworkName and ruleName are texts' };
  const id = String(controlID);
  const aside = (check: unknown, unplaceable: string): Said => ({
    tool: TOOL,
    check: String(check),
    unplaceable,
  });
  if (ruleName !== '') return aside(id || ruleName, 'is about one rule of a control, which no policy is');
  if (id === '' && frameworkName !== '')
    return aside(frameworkName, 'is about a framework; name its controls by controlID');
  // Kubescape does not look at the name: such an exception covers every control, which nobody meant.
  if (id === '' && controlName !== '') return aside(controlName, 'names its control without controlID');
  if (id === '') return { tool: TOOL, form: 'all', check: 'every control', ...of };
  if (/^[\w-]+$/.test(id)) return { tool: TOOL, form: 'id', check: id, ...of };
  const fault = patternFault(id, faultOf);
  if (fault !== undefined) return { tool: TOOL, fault };
  return { tool: TOOL, form: 'regex', check: id, ...of };
}

type ReadDesignator = { readonly pointer: string } & (
  | { readonly designator: Designator }
  | { readonly fault: string }
  | { readonly unplaceable: string }
);

function readDesignator(resource: unknown, pointer: string, faultOf: FaultOf): ReadDesignator {
  if (!isMap(resource)) return { pointer, fault: 'expected {designatorType, attributes}' };
  const { designatorType, attributes } = resource;
  if (designatorType !== 'Attributes' && designatorType !== 'Attribute')
    return {
      pointer,
      unplaceable: `describes objects by ${JSON.stringify(designatorType ?? '')}, not by Attributes`,
    };
  if (!isMap(attributes) || !Object.values(attributes).every((one) => typeof one === 'string'))
    return { pointer: `${pointer}/attributes`, fault: 'attributes is a map of texts' };
  const given = Object.entries(attributes as Readonly<Record<string, string>>).filter(
    ([, text]) => text !== '',
  );
  for (const [key, text] of given) {
    const fault = patternFault(text, faultOf);
    if (fault !== undefined)
      return { pointer: `${pointer}/attributes/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, fault };
  }
  return placeOf(Object.fromEntries(given), pointer);
}

function placeOf(attributes: JsonMap, pointer: string): ReadDesignator {
  const { kind, name, namespace, cluster, resourceID, path, ...labels } = attributes as Record<
    string,
    string
  >;
  if (cluster !== undefined && !ANY.has(cluster))
    return { pointer, unplaceable: 'is of one cluster, which files do not have' };
  if (resourceID !== undefined || path !== undefined)
    return { pointer, unplaceable: "describes objects by Kubescape's own id or path" };
  const empty =
    [kind, name, namespace, cluster].every((one) => one === undefined) && Object.keys(labels).length === 0;
  if (empty) return { pointer, fault: 'it describes no object, so Kubescape excuses none' };
  return {
    pointer,
    designator: {
      ...(kind === undefined ? {} : { kind }),
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      labels: Object.entries(labels),
    },
  };
}

/** Patterns that every cluster matches. */
const ANY = new Set(['.*', '^.*$', '.*?']);

function patternFault(pattern: string, faultOf: FaultOf): string | undefined {
  return pattern.length > LONGEST_PATTERN
    ? `a pattern of ${pattern.length} characters; the limit is ${LONGEST_PATTERN}`
    : faultOf(pattern);
}
