/** The templates of an ApplicationSet: names of parameters in text, and of goTemplate no more than that. */
import { field, follow, isMap } from '../values.ts';

/** A template that needs more than is done here, or a parameter that is not there. */
export class TemplateError extends Error {}

export type Parameters = Readonly<Record<string, unknown>>;

/** All texts of a value filled in. Throws TemplateError. */
export function fillIn(value: unknown, parameters: Parameters, goTemplate: boolean): unknown {
  const fill = goTemplate ? fillGo : fillFast;
  const walk = (at: unknown): unknown => {
    if (typeof at === 'string') return fill(at, parameters);
    if (Array.isArray(at)) return at.map(walk);
    if (!isMap(at)) return at;
    return Object.fromEntries(
      Object.entries(at).map(([name, inner]) => [fill(name, parameters), walk(inner)]),
    );
  };
  return walk(value);
}

const ACTION = /\{\{-?\s*(.*?)\s*-?\}\}/gs;

/** `{{path.basename}}`: parameters by their whole name. */
function fillFast(text: string, parameters: Parameters): string {
  return text.replaceAll(ACTION, (whole, name: string) => shown(whole, field(parameters, name)));
}

const GO_PATH = /^\.[\w]+(?:\.\w+)*$/;
const GO_INDEX = /^index (\.[\w.]+) (?:(\d+)|"([^"]*)")$/;

/** `{{ .path.basename }}`, `{{ index .path.segments 1 }}`. */
function fillGo(text: string, parameters: Parameters): string {
  return text.replaceAll(ACTION, (whole, inside: string) => {
    if (GO_PATH.test(inside)) return shown(whole, follow(parameters, inside.slice(1).split('.')));
    const [, path, index, key] = GO_INDEX.exec(inside) ?? [];
    if (path === undefined) throw new TemplateError(`${whole} is more of a template than is filled in here`);
    return shown(whole, follow(parameters, [...path.slice(1).split('.'), index ?? key!]));
  });
}

function shown(whole: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Number) return String(value.valueOf());
  throw new TemplateError(`nothing is known of ${whole}`);
}
