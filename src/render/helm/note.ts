/** Which value of which values file a field has, where a template takes it over as it is. */

import { join } from 'node:path';
import type { JsonMap } from '../../model/index.ts';
import type { Shown } from '../names.ts';
import { isWithin } from '../stage.ts';
import { equal, field, follow, isMap, pointerOf, tokensOf } from '../values.ts';
import type { Chart } from './chart.ts';
import type { Found } from './found.ts';
import { readLayer } from './layers.ts';
import type { Release, ValuesLayer } from './release.ts';

const DIRECT = /^(["']?)\{\{-?\s*\$?\.Values\.([\w.]+)\s*(?:\|[^}]*)?-?\}\}\1\s*$/;
const ALL = /^\s*\{\{-?\s*toYaml\s+\.\s*(?:\|[^}]*)?-?\}\}\s*$/;
const WHOLE = /^\s*\{\{-?\s*(?:toYaml\s+|with\s+)\$?\.Values\.([\w.]+)\s*(?:\|[^}]*)?-?\}\}\s*$/;

/** `.Values.image.tag, values-prod.yaml:3`; undefined unless the values file holds what the object holds. */
export function noteOf(
  found: Found,
  object: JsonMap,
  chart: Chart,
  release: Release,
  shown: Shown,
): string | undefined {
  // In subcharts .Values is another object.
  if (!isWithin(found.file, join(chart.folder, 'templates'))) return undefined;
  const name = referenceOn(found);
  if (name === undefined) return undefined;
  const tokens = name.split('.');
  const touched = release.settings.some(([, setting]) => touches(setting, tokens));
  if (touched) return undefined;
  const layer = lastWith(tokens, chart, shown, release);
  if (layer === undefined) return undefined;
  const value = follow(layer.value, tokens);
  if (!equal(value, follow(object, tokensOf(found.pointer)))) return undefined;
  const rest = tokensOf(found.wanted).slice(tokensOf(found.pointer).length);
  const at = pointerOf([...tokens, ...rest]);
  const { file, line } = layer.place(at);
  return `.Values.${name}, ${file}:${line}`;
}

/** The value that the line, or the one below it, takes over. */
function referenceOn({ lines, line, pointer, wanted }: Found): string | undefined {
  const text = (lines[line - 1] ?? '').trimEnd();
  const key = /^\s*(?:- +)*[^\s:{]+:(?:\s+(.*))?$/.exec(text);
  if (key === null || pointer === '' || !`${wanted}/`.startsWith(`${pointer}/`)) return undefined;
  if (key[1] !== undefined && key[1] !== '') return DIRECT.exec(key[1])?.[2];
  const below = lines[line] ?? '';
  // `with .Values.x` above the key, and below it all of that.
  return WHOLE.exec(below)?.[1] ?? (ALL.test(below) ? WHOLE.exec(lines[line - 2] ?? '')?.[1] : undefined);
}

function touches(setting: string, tokens: readonly string[]): boolean {
  const names = setting.split(',').map((part) => part.split('=', 1)[0]!.replaceAll(/\[\d+\]/g, ''));
  const path = tokens.join('.');
  return names.some(
    (name) => name === path || `${path}.`.startsWith(`${name}.`) || name.startsWith(`${path}.`),
  );
}

/** The only layer with a mapping, or the last one with anything else. */
function lastWith(
  tokens: readonly string[],
  chart: Chart,
  shown: Shown,
  { values, ownValues }: Release,
): ValuesLayer | undefined {
  const own = readLayer(join(chart.folder, 'values.yaml'), shown);
  const layers = [...(own.ok && ownValues ? [own.layer] : []), ...values];
  const having = layers.filter(({ value }) => has(value, tokens));
  const last = having.at(-1);
  return last !== undefined && isMap(follow(last.value, tokens)) && having.length > 1 ? undefined : last;
}

function has(value: unknown, tokens: readonly string[]): boolean {
  const parent = follow(value, tokens.slice(0, -1));
  return field(parent, tokens.at(-1)!) !== undefined;
}
